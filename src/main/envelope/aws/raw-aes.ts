import type { EncryptionContext } from '../../../shared/context.ts';
import { gcmDecrypt, gcmEncrypt } from '../../crypto/aead.ts';
import { randomBytes } from '../../crypto/bytes.ts';
import { ByteReader, ByteWriter } from '../bytes.ts';
import type { Binding, SlotProvider } from '../slot-provider.ts';
import { contextForms, encodeAwsContext } from './context.ts';
import type { Edk } from './header.ts';

/** A wrapping key as raw AES keyrings have it: 16, 24 or 32 bytes under a namespace and a name. */
export type RawAesKey = { readonly namespace: string; readonly name: string; readonly key: Uint8Array };

const TAG_BITS = 128;
const IV_BYTES = 12;

/**
 * Wraps a data key under a random IV. `context` is the message's whole one, required pairs included. The
 * caller counts the uses of the key: 2^31 at most (NIST SP 800-38D section 8.3).
 */
export function wrapRawAes(
  { namespace, name, key }: RawAesKey,
  dataKey: Uint8Array,
  context: EncryptionContext,
): Edk {
  const iv = randomBytes(IV_BYTES);
  const info = new ByteWriter().raw(Buffer.from(name)).u32(TAG_BITS).u32(IV_BYTES).raw(iv).done();
  return { providerId: namespace, info, ciphertext: gcmEncrypt(key, iv, encodeAwsContext(context), dataKey) };
}

/** The data key of a slot that names this key; `undefined` if it names another or is not authentic. */
export function unwrapRawAes(
  { namespace, name, key }: RawAesKey,
  edk: Edk,
  context: EncryptionContext,
): Buffer | undefined {
  const iv = ivOf(edk, namespace, name);
  if (iv === undefined) return undefined;
  for (const aad of contextForms(context)) {
    const dataKey = gcmDecrypt(key, iv, aad, edk.ciphertext);
    if (dataKey !== undefined) return dataKey;
  }
  return undefined;
}

/** The name of the raw AES key that a slot states, if it has the form of such a slot: for choosing a key. */
export function rawAesName({ info }: Edk): string | undefined {
  const length = info.length - 8 - IV_BYTES;
  const name = info.subarray(0, Math.max(0, length)).toString();
  return length >= 0 && ivIn(info, Buffer.from(name)) !== undefined ? name : undefined;
}

function ivOf(edk: Edk, namespace: string, name: string): Buffer | undefined {
  return edk.providerId === namespace ? ivIn(edk.info, Buffer.from(name)) : undefined;
}

function ivIn(info: Buffer, name: Buffer): Buffer | undefined {
  if (info.length !== name.length + 8 + IV_BYTES || !info.subarray(0, name.length).equals(name)) {
    return undefined;
  }
  const reader = new ByteReader(info.subarray(name.length));
  return reader.u32() === TAG_BITS && reader.u32() === IV_BYTES ? reader.raw(IV_BYTES) : undefined;
}

/** Slots under a raw AES key: see `wrapRawAes` for how often it may wrap. */
export function rawAesProvider(key: RawAesKey): SlotProvider<Edk> {
  const wrap = async (dataKey: Buffer, { context }: Binding) => wrapRawAes(key, dataKey, context);
  return {
    wrap,
    async generate(binding) {
      const dataKey = randomBytes(32);
      return { dataKey, slot: await wrap(dataKey, binding) };
    },
    unwrap: async (edk, { context }) => unwrapRawAes(key, edk, context),
  };
}
