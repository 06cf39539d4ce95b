import { Readable, Writable } from 'node:stream';
import { KeywardError } from '../../shared/errors.ts';
import type { DecryptOptions, EncryptOptions } from '../commands/files.ts';
import type { Face } from '../face.ts';
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
      vault.call('files.decryptStream', input, { progress, streams: standardStreams(face) }),
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
      vault.call('files.decryptRange', input, { progress, streams: outputOnly(face) }),
    ),
  );
  for (const note of notes) face.note(note);
}

/** Standard output, and nothing to read. */
function outputOnly(face: Face): { input: AsyncIterable<Buffer>; output: Writable } {
  return { input: Readable.from([]), output: outputOf(face) };
}

/** The process's own streams. The output can be ended without closing standard output. */
function standardStreams(face: Face): { input: AsyncIterable<Buffer>; output: Writable } {
  const { stdin } = face.around;
  face.signal.addEventListener('abort', () => stdin.destroy(), { once: true });
  return { input: stdin as AsyncIterable<Buffer>, output: outputOf(face) };
}

function outputOf({ around: { stdout } }: Face): Writable {
  const output = new Writable({
    highWaterMark: 1024 * 1024,
    write(chunk: Buffer, _encoding, done) {
      stdout.write(chunk, (error) => done(error ?? null));
    },
  });
  // A broken standard output is seen where it breaks; see watchOutput.
  output.on('error', () => undefined);
  return output;
}
