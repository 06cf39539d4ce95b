import type { KeySummary } from '../../shared/contract.ts';
import { keyName } from './keys.ts';

/** Which keys are looked for: a text in any of their names, a state, a usage; empty: any. */
export type KeyFilter = { readonly text: string; readonly state: string; readonly usage: string };

/** A filter that every key fits. */
export const ALL_KEYS: KeyFilter = { text: '', state: '', usage: '' };

/** The keys that fit; every word of the text must stand in a name, the description, the id or the ARN. */
export function filterKeys(
  keys: readonly KeySummary[],
  { text, state, usage }: KeyFilter,
): readonly KeySummary[] {
  const words = text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  return keys.filter((key) => {
    if ((state !== '' && key.state !== state) || (usage !== '' && key.usage !== usage)) return false;
    const all = [keyName(key), ...key.aliases, key.description, key.arn].join('\n').toLowerCase();
    return words.every((word) => all.includes(word));
  });
}
