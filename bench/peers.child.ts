/**
 * The official client of the AWS Encryption SDK over one file, in a process of its own:
 * peers.child.ts encrypt|decrypt SOURCE TARGET FRAME-LENGTH
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import {
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node';

const [job = '', source = '', target = '', frameLength = '4096'] = process.argv.slice(2);
const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT);
const keyring = new RawAesKeyringNode({
  keyNamespace: 'bench',
  keyName: 'bench',
  unencryptedMasterKey: new Uint8Array(32),
  wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
});
const work =
  job === 'encrypt'
    ? client.encryptStream(keyring, { frameLength: Number(frameLength) })
    : client.decryptStream(keyring);
const chunks = { highWaterMark: 1 << 20 };
await pipeline(createReadStream(source, chunks), work, createWriteStream(target, chunks));
