import type { EncryptionContext } from '../../../shared/context.ts';
import { gcmDecrypt, gcmEncrypt } from '../../crypto/aead.ts';
import { equalBytes, wipe } from '../../crypto/bytes.ts';
import { hkdfExpand, hkdfExtract, hkdfWith } from '../../crypto/hash.ts';
import { damaged, wrongKey } from '../errors.ts';
import type { Body } from '../message-body.ts';
import { encodeAwsContext } from './context.ts';
import { otherContext, pairNames } from './errors.ts';
import type { AwsHeader } from './header.ts';
import type { Suite } from './suites.ts';

/** A message whose header is verified, with the key of its body. Whoever holds it wipes the key. */
export type OpenMessage = {
  readonly header: AwsHeader;
  /** 16, 24 or 32 bytes. */
  readonly payloadKey: Buffer;
  /** The pairs of the header and those that the caller had to supply. */
  readonly context: EncryptionContext;
};

/** The body's key and what commits to it. */
type MessageKeys = { readonly payload: Buffer; readonly commitment: Buffer | undefined };

/** Derives from a data key as the suite says; the result is the caller's to wipe. */
export function deriveMessageKeys(suite: Suite, messageId: Uint8Array, dataKey: Uint8Array): MessageKeys {
  const { id, kdf, keyBytes } = suite;
  const suiteId = Uint8Array.of(id >> 8, id & 0xff);
  if (kdf === 'none') return { payload: Buffer.from(dataKey), commitment: undefined };
  if (kdf !== 'sha512') {
    const info = Buffer.concat([suiteId, messageId]);
    return { payload: hkdfWith(kdf, dataKey, new Uint8Array(0), info, keyBytes), commitment: undefined };
  }
  const prk = hkdfExtract(messageId, dataKey);
  const info = Buffer.concat([suiteId, Buffer.from('DERIVEKEY')]);
  const keys = { payload: hkdfExpand(prk, info, keyBytes), commitment: hkdfExpand(prk, 'COMMITKEY', 32) };
  wipe(prk);
  return keys;
}

/**
 * The pairs that the caller supplies and the header does not have: they were left out of it when it was
 * written, and are authenticated all the same. Throws `InvalidCiphertextException` for a pair that the header
 * has with another value.
 */
export function requiredPairs(
  header: AwsHeader,
  supplied: EncryptionContext,
  name: string,
): EncryptionContext {
  const required = Object.entries(supplied).filter(([key, value]) => {
    if (!Object.hasOwn(header.context, key)) return true;
    if (header.context[key] !== value) throw otherContext(name, key);
    return false;
  });
  return Object.fromEntries(required);
}

/** All pairs of a message: the header's and the required ones. */
export function wholeContext(header: AwsHeader, required: EncryptionContext): EncryptionContext {
  return Object.fromEntries([...Object.entries(header.context), ...Object.entries(required)]);
}

/**
 * Verifies a header with a data key, which stays the caller's. `required` comes from `requiredPairs`. Throws
 * `WrongKey` if the key is not the one the message commits to, `FileDamaged` if the header's tag does not verify.
 */
export function openAwsHeader(
  header: AwsHeader,
  dataKey: Uint8Array,
  required: EncryptionContext,
  name: string,
): OpenMessage {
  if (dataKey.length !== header.suite.keyBytes) throw wrongKey(name);
  const { payload, commitment } = deriveMessageKeys(header.suite, header.messageId, dataKey);
  if (header.commitment !== undefined && !equalBytes(header.commitment, commitment ?? new Uint8Array(0))) {
    wipe(payload);
    throw wrongKey(name);
  }
  const aad = Buffer.concat([header.authenticated, encodeAwsContext(required)]);
  if (gcmDecrypt(payload, header.iv, aad, header.tag) === undefined) {
    wipe(payload);
    const names = pairNames(required);
    const why = names === '' ? 'pairs-missing' : 'pairs-differ';
    throw damaged(name, 0, header.bodyAt, why, undefined, names);
  }
  return { header, payloadKey: payload, context: wholeContext(header, required) };
}

/** The tag of a header's authentication (16 bytes), for a message that is made. */
export function headerTag(payloadKey: Uint8Array, iv: Uint8Array, authenticated: Uint8Array): Buffer {
  return gcmEncrypt(payloadKey, iv, authenticated, new Uint8Array(0));
}

/** The body of a framed message for the frame engine, `undefined` without frames. It shares the payload key. */
export function awsBody({ header, payloadKey }: OpenMessage): Body | undefined {
  const { frameLength, bodyAt, messageId } = header;
  return frameLength === undefined
    ? undefined
    : { frameLength, bodyAt, shape: 'aws', key: payloadKey, messageId };
}
