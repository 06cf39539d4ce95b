import { shareTexts } from '../../shared/share-texts.ts';
import type { Desktop } from './desktop.ts';
import type { Handles } from './handles.ts';

/** Shares as the page gives them: what was typed, and files by their handles. */
type Given = { readonly secret: Uint8Array; readonly files: readonly string[] };

/** The shares that were typed and those in files; wipes what was typed. Throws what reading a file throws. */
export async function givenShares(
  { secret, files }: Given,
  handles: Handles,
  desktop: Pick<Desktop, 'readText'>,
): Promise<string[]> {
  const texts = [new TextDecoder().decode(secret)];
  secret.fill(0);
  for (const file of files) texts.push(await desktop.readText(handles.path(file)));
  return texts.flatMap(shareTexts);
}
