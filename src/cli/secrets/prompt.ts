import { fail, type KeywardError } from '../../shared/errors.ts';

/** Longest passphrase that is taken, in bytes. */
export const MAX_BYTES = 4_096;

/** A terminal as a prompt needs it. */
type PromptTerminal = {
  readonly input: NodeJS.ReadableStream & { setRawMode(on: boolean): unknown; unshift(chunk: Buffer): void };
  readonly output: { write(text: string): unknown };
};

const ENTER = [0x0a, 0x0d];
const CTRL_C = 0x03;
const CTRL_D = 0x04;
const CTRL_U = 0x15;
const ERASE = [0x08, 0x7f];
const ESCAPE = 0x1b;

/**
 * Asks for a secret on a terminal without showing what is typed. Returns its bytes; the caller wipes them.
 * Throws `Cancelled` on Ctrl-C, on the end of input and once `signal` is aborted.
 */
export function askSecret(terminal: PromptTerminal, question: string, signal?: AbortSignal): Promise<Buffer> {
  return askLine(terminal, question, signal, () => undefined);
}

/** Asks a question that is answered with yes or no; anything but `y` or `yes` is no. Throws as `askSecret`. */
export async function askYes(
  terminal: PromptTerminal,
  question: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const show = (text: string) => terminal.output.write(text);
  const answer = await askLine(terminal, `${question} [y/N] `, signal, show);
  return /^\s*y(es)?\s*$/i.test(answer.toString());
}

/** Takes a line off a terminal; `show` gets what is to be seen of it. */
function askLine(
  terminal: PromptTerminal,
  question: string,
  signal: AbortSignal | undefined,
  show: (text: string) => void,
): Promise<Buffer> {
  if (signal?.aborted === true) return Promise.reject(stopped());
  const { input, output } = terminal;
  const typed = Buffer.alloc(MAX_BYTES);
  let length = 0;
  output.write(question);
  input.setRawMode(true);
  return new Promise((resolve, reject) => {
    const end = (act: () => void, rest: Buffer) => {
      input.off('data', take);
      input.off('end', over);
      signal?.removeEventListener('abort', over);
      input.pause();
      input.setRawMode(false);
      output.write('\n');
      // What was typed ahead answers the next question.
      if (rest.length > 0) input.unshift(Buffer.from(rest));
      act();
      typed.fill(0);
    };
    const over = () => end(() => reject(stopped()), Buffer.alloc(0));
    const take = (chunk: Buffer) => {
      for (const [i, byte] of chunk.entries()) {
        if (ENTER.includes(byte)) {
          const secret = Buffer.from(typed.subarray(0, length));
          end(() => resolve(secret), chunk.subarray(i + 1));
          chunk.fill(0);
          return;
        }
        if (byte === CTRL_C || (byte === CTRL_D && length === 0)) {
          end(() => reject(stopped()), Buffer.alloc(0));
          return;
        }
        if (byte === CTRL_U) length = 0;
        else if (ERASE.includes(byte)) {
          if (length > 0) show('\b \b');
          length = beforeLast(typed, length);
        } else if (byte === ESCAPE) break;
        else if (byte >= 0x20 && length < MAX_BYTES) {
          typed[length++] = byte;
          show(String.fromCharCode(byte));
        }
      }
      chunk.fill(0);
    };
    input.on('data', take);
    input.once('end', over);
    signal?.addEventListener('abort', over, { once: true });
    input.resume();
  });
}

/** The length without the last character, which may be several bytes of UTF-8. */
function beforeLast(bytes: Buffer, length: number): number {
  let end = length - 1;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return Math.max(0, end);
}

function stopped(): KeywardError {
  return fail('no-passphrase-given');
}
