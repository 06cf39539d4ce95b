import { Readable } from 'node:stream';
import { KeywardError } from '../../shared/errors.ts';
import type { DecryptOptions, EncryptOptions } from '../commands/files.ts';
import type { Face } from '../face.ts';
import { PipeOutput } from '../pipe-output.ts';
import { withVault } from '../vault/access.ts';
import { awsOf, keyringOf } from './aws.ts';

/** `encrypt -`: standard input, encrypted, to standard output. */
export async function encryptPipe(face: Face, options: EncryptOptions): Promise<void> {
  if (face.around.stdout.isTTY) {
    throw new KeywardError(
      'Usage',
      'The encrypted bytes would go to your terminal. Send them to a file: keyward encrypt - > FILE',
    );
  }
  const input = {
    ...(options.key === undefined ? {} : { key: options.key }),
    ...(options.context === undefined ? {} : { context: options.context }),
    ...awsOf(options),
  };
  await withVault(face, options, (vault) =>
    face.withProgress((progress) =>
      vault.call('files.encryptStream', input, { progress, streams: standardStreams(face) }),
    ),
  );
}

/** `decrypt -`: standard input, decrypted, to standard output, verified piece by piece or at once. */
export async function decryptPipe(face: Face, options: DecryptOptions): Promise<void> {
  const input = { buffered: options.buffered === true, ...(await keyringOf(face, options.keyring)) };
  const { notes = [] } = await withVault(face, options, (vault) =>
    face.withProgress((progress) =>
      piped(standardStreams(face), (streams) =>
        vault.call('files.decryptStream', input, { progress, streams }),
      ),
    ),
  );
  for (const note of notes) face.note(note);
}

/** `decrypt --range A-B FILE`: some bytes of a file to standard output. */
export async function decryptRange(
  face: Face,
  path: string,
  range: NonNullable<DecryptOptions['range']>,
  options: DecryptOptions,
): Promise<void> {
  const input = { source: face.absolute(path), range, ...(await keyringOf(face, options.keyring)) };
  const { notes = [] } = await withVault(face, options, (vault) =>
    face.withProgress((progress) =>
      piped(outputOnly(face), (streams) => vault.call('files.decryptRange', input, { progress, streams })),
    ),
  );
  for (const note of notes) face.note(note);
}

type Streams = { readonly input: AsyncIterable<Buffer>; readonly output: PipeOutput };

/** Standard output, and nothing to read. */
function outputOnly(face: Face): Streams {
  return { input: Readable.from([]), output: new PipeOutput(face.around.stdout) };
}

/** The process's own streams. */
function standardStreams(face: Face): Streams {
  const { stdin, stdout } = face.around;
  face.signal.addEventListener('abort', () => stdin.destroy(), { once: true });
  return { input: stdin as AsyncIterable<Buffer>, output: new PipeOutput(stdout) };
}

/** Runs a call over pipes. That its output was held back from a terminal says more than how the call then ended. */
async function piped<T>(streams: Streams, call: (streams: Streams) => Promise<T>): Promise<T> {
  try {
    return await call(streams);
  } catch (error) {
    throw streams.output.refusal ?? error;
  }
}
