import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { composeMessage, draftMessage, type WrittenSuite } from '../../../src/main/envelope/aws/compose.ts';
import { checkAwsFile, decryptAwsFile } from '../../../src/main/envelope/aws/decrypt.ts';
import { encryptAwsStream } from '../../../src/main/envelope/aws/encrypt.ts';
import { type Edk, type HeaderBounds, readAwsHeader } from '../../../src/main/envelope/aws/header.ts';
import { rawAesProvider, wrapRawAes } from '../../../src/main/envelope/aws/raw-aes.ts';
import { type UnlockOptions, unlockMessage } from '../../../src/main/envelope/aws/unlock.ts';
import type { SlotOpener } from '../../../src/main/envelope/slot-provider.ts';
import type { EncryptionContext } from '../../../src/shared/context.ts';
import { memoryFile, memorySink, memorySource } from './support.ts';

/** The wrapping key of these tests. */
export const WRAPPING = { namespace: 'keyward', name: 'test key', key: Buffer.alloc(32, 9) };

/** A keyring of that key. */
export const OPENER = rawAesProvider(WRAPPING);

/** A whole AWS message in memory. */
export async function encryptAws(
  plaintext: Buffer,
  {
    suite = 0x0478,
    frameLength,
    context = { purpose: 'test', naïve: 'yes' },
  }: {
    suite?: WrittenSuite;
    frameLength?: number;
    context?: EncryptionContext;
  } = {},
) {
  const draft = draftMessage(context, suite);
  const dataKey = randomBytes(32);
  const edk = wrapRawAes(WRAPPING, dataKey, draft.context);
  const message = composeMessage(draft, dataKey, [edk], frameLength);
  const sink = memorySink();
  const result = await encryptAwsStream(message, memorySource(plaintext), sink);
  return { bytes: sink.bytes(), message, result, dataKey };
}

/** Opens the header of a message in memory. */
export async function openAws(
  bytes: Buffer,
  openers: readonly SlotOpener<Edk>[] = [OPENER],
  options: UnlockOptions & HeaderBounds = {},
) {
  const { header, rest } = await readAwsHeader(memorySource(bytes), options);
  return { message: await unlockMessage(header, openers, options, 'letter.aws'), rest };
}

/** Decrypts a whole message in memory, by way of a file; nothing is kept of what fails. */
export async function decryptAws(
  bytes: Buffer,
  openers?: readonly SlotOpener<Edk>[],
  options: UnlockOptions & HeaderBounds & { mostInMemory?: number } = {},
) {
  const { message } = await openAws(bytes, openers, options);
  const checked = await checkAwsFile(memoryFile(bytes), message, {}, options.mostInMemory);
  const sink = memorySink();
  try {
    const length = await decryptAwsFile(checked, sink);
    return { plaintext: sink.bytes(), length, checked, message };
  } catch (error) {
    throw Object.assign(error as Error, { released: sink.bytes().length });
  }
}

/** A new RSA key pair as PEM. */
export function rsaPair() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}
