import { Readable } from 'node:stream';
import { fail } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { PipeOutput } from '../pipe-output.ts';
import { outputTrouble } from '../signals.ts';
import { bytesOfInput, flushed } from '../standard-streams.ts';
import { withVault } from '../vault/access.ts';
import { awsOf, keyringOf } from './aws.ts';
import type { DecryptOptions, EncryptOptions } from './options.ts';

/** `encrypt -`: standard input, encrypted, to standard output. */
export async function encryptPipe(console: Console, options: EncryptOptions): Promise<void> {
  if (console.around.stdout.isTTY) {
    throw fail('encrypted-bytes-to-terminal');
  }
  const given = standardStreams(console);
  const input = {
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.context === undefined ? {} : { context: options.context }),
    ...awsOf(options),
  };
  await withVault(console, options, (vault) =>
    console.withProgress((progress) =>
      piped(console, given, (streams) => vault.call('files.encryptStream', input, { progress, streams })),
    ),
  );
}

/** `decrypt -`: standard input, decrypted, to standard output, verified piece by piece or at once. */
export async function decryptPipe(console: Console, options: DecryptOptions): Promise<void> {
  const given = standardStreams(console);
  const input = { buffered: options.buffered === true, ...(await keyringOf(console, options.keyring)) };
  const { notes = [] } = await withVault(console, options, (vault) =>
    console.withProgress((progress) =>
      piped(console, given, (streams) => vault.call('files.decryptStream', input, { progress, streams })),
    ),
  );
  for (const note of notes) console.note(note);
}

/** `decrypt --range A-B FILE`: some bytes of a file to standard output. */
export async function decryptRange(
  console: Console,
  path: string,
  range: NonNullable<DecryptOptions['range']>,
  options: DecryptOptions,
): Promise<void> {
  const input = { source: console.absolute(path), range, ...(await keyringOf(console, options.keyring)) };
  const { notes = [] } = await withVault(console, options, (vault) =>
    console.withProgress((progress) =>
      piped(console, outputOnly(console), (streams) =>
        vault.call('files.decryptRange', input, { progress, streams }),
      ),
    ),
  );
  for (const note of notes) console.note(note);
}

type Streams = { readonly input: AsyncIterable<Buffer>; readonly output: PipeOutput };

/** Standard output, and nothing to read. */
function outputOnly(console: Console): Streams {
  return { input: Readable.from([]), output: outputOf(console) };
}

/** The process's own streams. */
function standardStreams(console: Console): Streams {
  return { input: bytesOfInput(console.around.stdin, console.signal), output: outputOf(console) };
}

function outputOf(console: Console): PipeOutput {
  return new PipeOutput(console.around.stdout, (error) => console.outputBroke(outputTrouble(error)));
}

/** Runs a call over pipes. That its output was held back from a terminal says more than how the call then ended. */
async function piped<T>(
  console: Console,
  streams: Streams,
  call: (streams: Streams) => Promise<T>,
): Promise<T> {
  try {
    const answer = await call(streams);
    await flushed(console.around.stdout);
    return answer;
  } catch (error) {
    throw streams.output.refusal ?? error;
  }
}
