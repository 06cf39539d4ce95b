import { fail } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { readPhrase } from './files.ts';
import { askSecret } from './prompt.ts';

/** The phrase that opens a backup, from a file or asked for. Throws `Usage` where nobody can be asked. */
export async function phraseFrom(
  console: Console,
  { recoveryFile }: { readonly recoveryFile?: string },
): Promise<string> {
  if (recoveryFile !== undefined) return readPhrase(console.absolute(recoveryFile), console.signal);
  if (!console.canAsk) {
    throw fail('restore-needs-terminal');
  }
  const { stdin, stderr } = console.around;
  const typed = await askSecret(
    { input: stdin, output: stderr },
    'Recovery phrase, 24 words: ',
    console.signal,
  );
  const phrase = typed.toString();
  typed.fill(0);
  return phrase;
}
