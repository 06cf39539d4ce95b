import { execFileSync } from 'node:child_process';
import { hkdfSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ageDecrypt, ageEncrypt, ageRecipient } from '../../../src/main/crypto/age.ts';
import { verifyBytes } from '../../../src/main/crypto/sign.ts';
import { recoveryIdentity } from '../../../src/main/unlock/recovery-identity.ts';
import {
  phraseSet,
  putRecoverySet,
  recoverySets,
  removeRecoverySet,
  renewPhraseSet,
} from '../../../src/main/unlock/recovery-recipients.ts';
import { ENDED_ROOM, endedSetRow, markId, PHRASE } from '../../../src/main/unlock/recovery-rows.ts';
import { newRecoveryPhrase } from '../../../src/main/unlock/secret.ts';
import { freshStore, testClock, testRecords } from '../store/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-age-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const secret = Buffer.alloc(32, 7);
const text = Buffer.from('what is to be recovered');

describe('the recovery identity of a secret', () => {
  it('is always the same, and another for another secret', async () => {
    const [one, again, other] = await Promise.all(
      [secret, secret, Buffer.alloc(32, 8)].map((bytes) => recoveryIdentity(bytes)),
    );
    expect(again?.identities).toEqual(one?.identities);
    expect(again?.recipients).toEqual(one?.recipients);
    expect(other?.recipients.hybrid).not.toBe(one?.recipients.hybrid);
    expect(other?.recipients.x25519).not.toBe(one?.recipients.x25519);
    expect(other?.recipients.certifier).not.toBe(one?.recipients.certifier);
  });

  // HKDF-SHA-256 by Node itself, Bech32 by age's own words: what docs/recovery.md promises.
  it('is that of the labels, so that others can derive it', async () => {
    const { identities, recipients } = await recoveryIdentity(secret);
    expect(identities.x25519).toBe(
      'AGE-SECRET-KEY-1' +
        bech32Data(
          'age-secret-key-',
          Buffer.from(hkdfSync('sha256', secret, '', 'keyward/1/recovery/age', 32)),
        ),
    );
    expect(identities.hybrid).toMatch(/^AGE-SECRET-KEY-PQ-1[0-9A-Z]{58}$/);
    expect(await ageRecipient(identities.hybrid)).toBe(recipients.hybrid);
    expect(recipients.hybrid).toMatch(/^age1pq1/);
  });

  it.each(['hybrid', 'x25519'] as const)(
    'opens what is encrypted to its %s recipient, and nothing else',
    async (kind) => {
      const { identities, recipients } = await recoveryIdentity(secret);
      const stranger = await recoveryIdentity(Buffer.alloc(32, 9));
      const file = await ageEncrypt(text, [recipients[kind]]);
      expect(await ageDecrypt(file, [stranger.identities[kind], identities[kind]])).toMatchObject({
        is: 'open',
        plaintext: text,
      });
      expect(await ageDecrypt(file, [stranger.identities[kind]])).toEqual({ is: 'not-for-this-key' });
      const flipped = Buffer.from(file);
      flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1;
      expect(await ageDecrypt(flipped, [identities[kind]])).toEqual({ is: 'damaged' });
      expect(await ageDecrypt(file.subarray(0, -1), [identities[kind]])).toEqual({ is: 'damaged' });
      expect(await ageDecrypt(file.subarray(0, 40), [identities[kind]])).toEqual({ is: 'damaged' });
    },
  );

  it('never mixes kinds: the weaker one would open the file', async () => {
    const { recipients } = await recoveryIdentity(secret);
    await expect(ageEncrypt(text, [recipients.hybrid, recipients.x25519])).rejects.toThrow(RangeError);
    await expect(ageEncrypt(text, [])).rejects.toThrow(RangeError);
  });

  it('certifies with the key that its recipients name', async () => {
    const { certify, recipients } = await recoveryIdentity(secret);
    const key = Buffer.from(recipients.certifier, 'base64');
    expect(verifyBytes(key, text, certify(text))).toBe(true);
    expect(verifyBytes(key, Buffer.from('another text'), certify(text))).toBe(false);
  });

  const age = ageVersion();
  it.skipIf(age === undefined)(
    'opens with stock age by its printed identity (Debian package age)',
    async () => {
      const { identities, recipients } = await recoveryIdentity(secret);
      writeFileSync(join(folder, 'identity'), `${identities.x25519}\n`);
      writeFileSync(join(folder, 'backup.age'), await ageEncrypt(text, [recipients.x25519]));
      const plain = execFileSync('age', ['-d', '-i', join(folder, 'identity'), join(folder, 'backup.age')]);
      expect(plain.equals(text)).toBe(true);
    },
  );
});

describe('the recipients that a vault keeps', () => {
  it('are put, replaced and removed by set', async () => {
    const store = freshStore();
    const records = testRecords();
    const { recipients } = await recoveryIdentity(secret);
    store.write((tx) => {
      records.create(tx);
      putRecoverySet(tx, records, { id: PHRASE, created: 1, ...recipients });
      putRecoverySet(tx, records, { id: PHRASE, created: 2, ...recipients });
    });
    expect(store.read((tx) => recoverySets(tx, records))).toEqual([
      { id: PHRASE, created: 2, ...recipients },
    ]);
    expect(store.write((tx) => removeRecoverySet(tx, records, PHRASE, 3))).toBe(true);
    expect(store.read((tx) => recoverySets(tx, records))).toEqual([]);
  });

  it('leave a mark when they end, by which no older copy brings them back, until they are made anew', async () => {
    const store = freshStore();
    const records = testRecords();
    const [{ recipients: one }, { recipients: other }] = [
      await recoveryIdentity(secret),
      await recoveryIdentity(Buffer.alloc(32, 8)),
    ];
    const marks = () =>
      store.read((tx) =>
        records.list(tx, ENDED_ROOM, endedSetRow).map(({ id, body }) => ({ ...body, mark: id })),
      );
    store.write((tx) => {
      records.create(tx);
      putRecoverySet(tx, records, { id: PHRASE, created: 1, ...one });
      putRecoverySet(tx, records, { id: 'set', created: 1, ...other });
      putRecoverySet(tx, records, { id: PHRASE, created: 2, ...one });
    });
    expect(marks()).toEqual([]);
    // A clock that went back makes no mark that is older than what it ends.
    store.write((tx) => removeRecoverySet(tx, records, 'set', 0));
    expect(marks()).toEqual([{ id: 'set', ended: 2, mark: markId(other.certifier) }]);
    store.write((tx) => putRecoverySet(tx, records, { id: PHRASE, created: 9, ...other }));
    expect(marks()).toEqual([{ id: PHRASE, ended: 9, mark: markId(one.certifier) }]);
    expect(store.write((tx) => removeRecoverySet(tx, records, 'none', 9))).toBe(false);
  });
});

describe('an unlock by phrase', () => {
  const [phrase, other] = [newRecoveryPhrase(), newRecoveryPhrase()];

  it('has backups made for the phrase from then on, once', async () => {
    const store = freshStore();
    const records = testRecords();
    const clock = testClock();
    store.write((tx) => records.create(tx));
    const sets = () => store.read((tx) => recoverySets(tx, records));
    expect(await renewPhraseSet(store, records, phrase, clock)).toBe(true);
    expect(sets()).toEqual([await phraseSet(phrase, clock)]);
    expect(await renewPhraseSet(store, records, phrase, clock)).toBe(false);
    expect(await renewPhraseSet(store, records, other, clock)).toBe(true);
    expect(sets()).toEqual([await phraseSet(other, clock)]);
  });
});

/** The data part of a Bech32 text (BIP 173), from its prefix and bytes, written for this test alone. */
function bech32Data(prefix: string, bytes: Buffer): string {
  const ALPHABET = 'qpzry9x8gf2tvdw0s3jn54khce6mua7l';
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const words = (bits.padEnd(Math.ceil(bits.length / 5) * 5, '0').match(/.{5}/g) ?? []).map((five) =>
    Number.parseInt(five, 2),
  );
  const expanded = [...prefix]
    .map((c) => c.charCodeAt(0) >> 5)
    .concat(
      0,
      [...prefix].map((c) => c.charCodeAt(0) & 31),
    );
  const generators = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
  let check = 1;
  for (const value of [...expanded, ...words, 0, 0, 0, 0, 0, 0]) {
    const top = check >>> 25;
    check = ((check & 0x1ffffff) << 5) ^ value;
    for (const [n, generator] of generators.entries()) if ((top >> n) & 1) check ^= generator;
  }
  const sum = [0, 1, 2, 3, 4, 5].map((n) => ((check ^ 1) >>> (5 * (5 - n))) & 31);
  return [...words, ...sum]
    .map((word) => ALPHABET[word])
    .join('')
    .toUpperCase();
}

function ageVersion(): string | undefined {
  try {
    return execFileSync('age', ['--version'], { encoding: 'utf8' });
  } catch {
    return undefined;
  }
}
