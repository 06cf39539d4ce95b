import { checkUserContext, type EncryptionContext } from '../../../shared/context.ts';
import { fail } from '../../../shared/errors.ts';
import { randomBytes, wipe } from '../../crypto/bytes.ts';
import { type EcdsaSigner, newEcdsaSigner } from '../../crypto/ecdsa.ts';
import { ByteWriter } from '../bytes.ts';
import { encodeAwsContext, PUBLIC_KEY } from './context.ts';
import { type Edk, parseAwsHeader } from './header.ts';
import { deriveMessageKeys, headerTag, type OpenMessage } from './keys.ts';
import { SUITES, type Suite } from './suites.ts';

/** The suites that Keyward writes: committing, without or with a signature. */
export type WrittenSuite = 0x0478 | 0x0578;

/** A message before its data key is wrapped. It serves one message only. */
type Draft = {
  readonly suite: Suite;
  /** The user's pairs and, in a signed message, its public key: the context to wrap the data key with. */
  readonly context: EncryptionContext;
  readonly signer: EcdsaSigner | undefined;
};

/** A message whose header is made and whose body is to be: an open one, with its signer. */
export type NewMessage = OpenMessage & { readonly signer: EcdsaSigner | undefined };

/** What official clients write unless told otherwise. */
const DEFAULT_AWS_FRAME = 4096;

const MAX_FRAME = 1 << 24;
const MAX_EDKS = 20;

/** Begins a message. Throws `ValidationException` for a context that a user may not give. */
export function draftMessage(context: EncryptionContext, suiteId: WrittenSuite = 0x0478): Draft {
  checkUserContext(context);
  const suite = SUITES.get(suiteId);
  if (suite === undefined) throw new RangeError('no such suite');
  if (suite.curve === undefined) return { suite, context, signer: undefined };
  const signer = newEcdsaSigner(suite.curve);
  const publicKey: [string, string] = [PUBLIC_KEY, signer.publicKey.toString('base64')];
  return { suite, context: Object.fromEntries([...Object.entries(context), publicKey]), signer };
}

/**
 * Makes the header of a drafted message under a fresh message id. `dataKey` is 32 random bytes, new for this
 * message, wrapped with the draft's context in each of `edks` (1 to 20); it stays the caller's to wipe.
 * `frameLength` is 1 byte to 16 MiB. Throws `ValidationException` for input out of bounds.
 */
export function composeMessage(
  { suite, context, signer }: Draft,
  dataKey: Uint8Array,
  edks: readonly Edk[],
  frameLength: number = DEFAULT_AWS_FRAME,
): NewMessage {
  if (dataKey.length !== suite.keyBytes) throw new RangeError(`the data key has ${suite.keyBytes} bytes`);
  if (!Number.isInteger(frameLength) || frameLength < 1 || frameLength > MAX_FRAME) {
    throw fail('aws-frame-length', { most: MAX_FRAME, length: frameLength });
  }
  if (edks.length < 1 || edks.length > MAX_EDKS) {
    throw fail('aws-key-count', { most: MAX_EDKS, count: edks.length });
  }
  const messageId = randomBytes(32);
  const { payload, commitment } = deriveMessageKeys(suite, messageId, dataKey);
  const writer = new ByteWriter().u8(2).u16(suite.id).raw(messageId).sized(encodeAwsContext(context));
  writer.u16(edks.length);
  for (const { providerId, info, ciphertext } of edks) {
    writer.sized(Buffer.from(providerId)).sized(info).sized(ciphertext);
  }
  const authenticated = writer
    .u8(2)
    .u32(frameLength)
    .raw(commitment ?? new Uint8Array(0))
    .done();
  const tag = headerTag(payload, new Uint8Array(12), authenticated);
  const header = parseAwsHeader(Buffer.concat([authenticated, tag]), 'new message');
  if (header === undefined) {
    wipe(payload);
    throw new RangeError('the header that was made is not whole');
  }
  return { header, payloadKey: payload, context, signer };
}
