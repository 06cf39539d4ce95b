/**
 * Made aws.json: messages of the AWS Encryption SDK as Keyward writes them, with the raw AES key that opens each.
 * Message ids and signatures are random, so another run of `node test/vectors/generate-aws.ts` makes others;
 * those that are kept must open for ever, by Keyward and by tools/keyward-decrypt.mjs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../src/main/crypto/hash.ts';
import { composeMessage, draftMessage } from '../../src/main/envelope/aws/compose.ts';
import { encryptAwsStream } from '../../src/main/envelope/aws/encrypt.ts';
import { wrapRawAes } from '../../src/main/envelope/aws/raw-aes.ts';
import { vectorPlaintext } from './generate-native.ts';

const wrapping = {
  namespace: 'keyward',
  name: `00112233-4455-4677-8899-aabbccddeeff/${'5a'.repeat(32)}`,
  key: sha256(Buffer.from('keyward AWS vectors: wrapping key')),
};

async function message(suite: 0x0478 | 0x0578, length: number, context: { [name: string]: string }) {
  const draft = draftMessage(context, suite);
  const dataKey = sha256(Buffer.from(`keyward AWS vectors: data key ${suite} ${length}`));
  const made = composeMessage(draft, dataKey, [wrapRawAes(wrapping, dataKey, draft.context)]);
  const chunks: Buffer[] = [];
  let at = 0;
  const plaintext = vectorPlaintext(length);
  const source = {
    name: 'vector',
    length,
    async read(buffer: Uint8Array) {
      const part = plaintext.subarray(at, at + buffer.length);
      buffer.set(part);
      at += part.length;
      return part.length;
    },
  };
  const sink = {
    async write(bytes: Uint8Array) {
      chunks.push(Buffer.from(bytes));
    },
  };
  await encryptAwsStream(made, source, sink);
  return {
    name: `suite ${suite.toString(16).padStart(4, '0')}, ${length} bytes`,
    suite,
    plaintextLength: length,
    context,
    message: Buffer.concat(chunks).toString('base64'),
  };
}

const messages = [
  await message(0x0478, 0, {}),
  await message(0x0478, 1, { purpose: 'test' }),
  await message(0x0478, 4096, { b: '2', a: '1', ä: 'ü' }),
  await message(0x0478, 9000, { purpose: 'test' }),
  await message(0x0578, 0, {}),
  await message(0x0578, 4097, { purpose: 'test' }),
];
const { namespace, name, key } = wrapping;
const keys = [{ type: 'raw-aes', namespace, name, key: key.toString('base64') }];
writeFileSync(
  join(import.meta.dirname, 'aws.json'),
  `${JSON.stringify({ keyring: { keys }, messages }, null, 1)}\n`,
);
