/** The age-encryption package over one file, in a process of its own: encrypt|decrypt SOURCE TARGET KEY */
import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Decrypter, Encrypter } from 'age-encryption';

const [job = '', source = '', target = '', key = ''] = process.argv.slice(2);
const input = Readable.toWeb(
  createReadStream(source, { highWaterMark: 1 << 20 }),
) as ReadableStream<Uint8Array>;
await pipeline(await outputOf(), createWriteStream(target, { highWaterMark: 1 << 20 }));

async function outputOf(): Promise<ReadableStream<Uint8Array>> {
  if (job === 'encrypt') {
    const encrypter = new Encrypter();
    encrypter.addRecipient(key);
    return encrypter.encrypt(input);
  }
  const decrypter = new Decrypter();
  decrypter.addIdentity(key);
  return decrypter.decrypt(input);
}
