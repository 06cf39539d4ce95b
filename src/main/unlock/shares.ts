import { fail } from '../../shared/errors.ts';
import { fromBase32, toBase32 } from '../crypto/base32.ts';
import { equalBytes, randomBytes, randomUuid, uuidBytes, uuidText, wipe } from '../crypto/bytes.ts';
import { hkdfWith, hmacSha256, sha256 } from '../crypto/hash.ts';
import { combineSecret, splitSecret } from '../crypto/shamir.ts';

/** Most shares of a set. */
const MOST_SHARES = 16;

/** How many shares a set has, and how many of them give its secret. */
export type ShareCount = { readonly shares: number; readonly threshold: number };

/** A new set: its id, its secret of 32 bytes, which the caller wipes, and its shares as they are printed. */
type NewShares = { readonly id: string; readonly secret: Buffer; readonly shares: readonly string[] };

/** What a share says of itself. `part` is Shamir's: 33 bytes. */
type Share = {
  readonly set: string;
  readonly threshold: number;
  readonly of: number;
  readonly index: number;
  readonly part: Buffer;
  /** All that its MAC is over. */
  readonly body: Buffer;
  readonly mac: Buffer;
};

const MARK = 'KWSHARE';
const FORMAT = 1;
const PART = 33;
const BODY = 1 + 16 + 3 + PART;
const MAC = 16;
const SUM = 4;

/**
 * Splits a new random secret, never the root key. Each share: format u8 ‖ set id 16 ‖ threshold u8 ‖ shares u8 ‖ index u8 ‖
 * part 33 ‖ MAC 16 under a key that derives from the secret ‖ the first 4 bytes of SHA-256 over all before, in Crockford's
 * base 32. Throws `Usage` unless 2 <= threshold <= shares <= 16.
 */
export async function newShares({ shares, threshold }: ShareCount): Promise<NewShares> {
  const isFit = threshold >= 2 && threshold <= shares && shares <= MOST_SHARES;
  if (!isFit) {
    throw fail('no-such-set-of-shares', { most: MOST_SHARES }, {});
  }
  const [id, secret] = [randomUuid(), randomBytes(32)];
  const parts = await splitSecret(secret, shares, threshold);
  const key = macKey(secret);
  const texts = parts.map((part, n) => {
    const head = Buffer.of(FORMAT, ...(uuidBytes(id) ?? []), threshold, shares, n + 1);
    const body = Buffer.concat([head, part]);
    const whole = Buffer.concat([body, macOf(key, body)]);
    return textOf(Buffer.concat([whole, sumOf(whole)]));
  });
  wipe(key, ...parts);
  return { id, secret, shares: texts };
}

/**
 * The secret of a set, and its id, by shares as they were typed. What is wrong is told share by share, by the place in
 * which it was given. Throws `WrongShares`. The secret is the caller's to wipe.
 */
export async function openShares(
  given: readonly string[],
): Promise<{ readonly id: string; readonly secret: Buffer }> {
  const shares = given.map(read);
  const first = shares[0];
  if (first === undefined) throw fail('no-share-given');
  const strange = shares.findIndex(
    ({ set, threshold, of }) => set !== first.set || threshold !== first.threshold || of !== first.of,
  );
  if (strange > 0) {
    const number = shares[strange]?.index ?? 0;
    throw fail('shares-of-different-sets', { place: strange + 1, number, first: first.index }, {});
  }
  const different = shares.filter(({ index }, n) => shares.findIndex((other) => other.index === index) === n);
  if (different.length < first.threshold) {
    const twice = different.length < shares.length ? 'twice' : 'once';
    const given = { count: different.length, numbers: numbersOf(different), twice } as const;
    throw fail('too-few-shares', { needed: first.threshold, ...given }, {});
  }
  for (const some of choices(different, first.threshold)) {
    const secret = await combineSecret(some.map(({ part }) => part));
    const key = macKey(secret);
    const isOurs = ({ body, mac }: Share) => equalBytes(mac, macOf(key, body));
    const forged = different.filter((share) => !isOurs(share));
    const opens = some.every(isOurs);
    wipe(key);
    if (opens && forged.length === 0) return { id: first.set, secret };
    wipe(secret);
    if (opens) throw fail('share-not-as-printed', { count: forged.length, numbers: numbersOf(forged) }, {});
  }
  throw fail('some-share-not-as-printed', { numbers: numbersOf(different) }, {});
}

function read(text: string, place: number): Share {
  const plain = text.toUpperCase().replaceAll(/[\s-]/g, '');
  const bytes = plain.startsWith(MARK) ? fromBase32(plain.slice(MARK.length)) : undefined;
  if (bytes === undefined || bytes.length !== BODY + MAC + SUM || bytes[0] !== FORMAT) {
    throw fail('not-a-share', { place: place + 1, mark: MARK }, {});
  }
  const whole = bytes.subarray(0, BODY + MAC);
  if (!equalBytes(sumOf(whole), bytes.subarray(BODY + MAC))) {
    throw fail('share-misread', { place: place + 1 }, {});
  }
  const [threshold = 0, of = 0, index = 0] = bytes.subarray(17, 20);
  return {
    ...{ set: uuidText(bytes.subarray(1, 17)), threshold, of, index },
    part: bytes.subarray(20, BODY),
    body: bytes.subarray(0, BODY),
    mac: bytes.subarray(BODY, BODY + MAC),
  };
}

function textOf(bytes: Buffer): string {
  const groups = (MARK + toBase32(bytes)).match(/.{1,5}/g) ?? [];
  return groups.join('-');
}

function* choices<T>(from: readonly T[], count: number): Generator<readonly T[]> {
  if (count === 0) yield [];
  else
    for (let n = 0; n + count <= from.length; n++)
      for (const rest of choices(from.slice(n + 1), count - 1)) yield [from[n] as T, ...rest];
}

function numbersOf(shares: readonly Share[]): string[] {
  return shares.map(({ index }) => String(index));
}

function macKey(secret: Uint8Array): Buffer {
  return hkdfWith('sha256', secret, Buffer.alloc(0), Buffer.from('keyward/1/share-mac'), 32);
}

function macOf(key: Buffer, body: Buffer): Buffer {
  return hmacSha256(key, body).subarray(0, MAC);
}

function sumOf(bytes: Uint8Array): Buffer {
  return sha256(bytes).subarray(0, SUM);
}
