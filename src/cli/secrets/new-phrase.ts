import { resolveHome } from '../../main/home/paths.ts';
import { fail, isKeywardError } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import type { Vault } from '../vault/vault.ts';
import { phraseLines, SecretFile } from './files.ts';
import { confirmPhrase, sayPhrase } from './phrase.ts';

/**
 * Makes a new recovery phrase and hands it on to `set`. The words stand in the file, or on a paper that was asked for,
 * before they count: a crash never loses the only ones. Where `set` fails the file goes, unless the vault may be under the
 * new words by then. Throws what `set` throws, `Cancelled`, and what making the file throws.
 */
export async function withNewPhrase(
  console: Console,
  vault: Vault,
  recoveryFile: string | undefined,
  set: (phrase: string) => Promise<void>,
): Promise<void> {
  const home = resolveHome(console.around.env);
  const file =
    recoveryFile === undefined
      ? undefined
      : await SecretFile.make(console.absolute(recoveryFile), home, '--new-recovery-file');
  try {
    const { phrase } = await vault.call('protectors.newPhrase', {});
    if (file === undefined) {
      sayPhrase(console, phrase);
      console.say();
      await confirmPhrase(console, phrase);
    } else await file.write(phraseLines(phrase));
    await set(phrase);
  } catch (error) {
    const counts = !isKeywardError(error) || error.details['rotated'] === true;
    if (!counts) await file?.remove().catch(() => undefined);
    throw error;
  }
}

/** Throws `Usage` where a new phrase would be shown in a place that is no terminal, before anything is asked for. */
export function requireNewPhraseShown(console: Console, recoveryFile: string | undefined): void {
  if (recoveryFile !== undefined) return;
  if (!console.json && console.around.stdout.isTTY === true && console.canAsk) return;
  throw fail('recovery-phrase-needs-terminal', { option: '--new-recovery-file' });
}
