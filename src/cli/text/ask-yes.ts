import { createInterface } from 'node:readline/promises';
import { fail } from '../../shared/errors.ts';
import type { Console } from '../console.ts';

/** Asks a person whether to go on; only "yes" does, written out. Throws `Cancelled` once the command is to end. */
export async function askYes(console: Console, question: string): Promise<boolean> {
  const { stdin: input, stderr: output } = console.around;
  const lines = createInterface({ input, output, terminal: true });
  const ended = new Promise<string>((resolve) => lines.once('close', () => resolve('')));
  lines.once('SIGINT', () => lines.close());
  try {
    const asked = lines.question(`${question} Type yes: `, { signal: console.signal });
    const answer = await Promise.race([asked, ended]);
    return answer.trim().toLowerCase() === 'yes';
  } catch (error) {
    if (!console.signal.aborted) throw error;
    throw fail('nothing-was-changed');
  } finally {
    lines.close();
  }
}
