import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../src/main/backup/canonical.ts';
import { Device, type DeviceFacts, isCertified } from '../../../src/main/backup/device.ts';
import {
  backupName,
  encodeManifest,
  type Manifest,
  parseBackupName,
  readManifest,
  signManifest,
} from '../../../src/main/backup/manifest.ts';
import { recoveryIdentity } from '../../../src/main/unlock/recovery-identity.ts';
import { freshStore, testKey, testRecords } from '../store/support.ts';

const VAULT = randomUUID();
const { certify, recipients } = await recoveryIdentity(Buffer.alloc(32, 1));
const phrase = { publicKey: recipients.certifier, certify };

/** A device of its own, certified or not, and a manifest that it signed. */
function signed(certified = true): { facts: DeviceFacts; manifest: Manifest } {
  const store = freshStore();
  const records = testRecords();
  const device = new Device(records, VAULT, testKey('device'));
  const facts = store.write((tx) => {
    records.create(tx);
    return device.create(tx, 1, certified ? phrase : undefined);
  });
  const manifest = store.read((tx) =>
    signManifest(
      {
        keyward: 'manifest/1',
        vault: VAULT,
        device: facts,
        sequence: 7,
        created: '2026-01-02T03:04:05.000Z',
        kind: 'hybrid',
        sha256: 'ab'.repeat(32),
        bytes: 1_000,
        head: { seq: 12, hash: 'cd'.repeat(32) },
        keys: [randomUUID()],
        recipients: [recipients.hybrid],
      },
      (message) => device.sign(tx, message),
    ),
  );
  return { facts, manifest };
}

describe('canonical JSON', () => {
  it('is the same for the same value, whatever the order of its members', () => {
    expect(canonicalJson({ b: 1, a: [null, 'ä', true], '': {} })).toBe('{"":{},"a":[null,"ä",true],"b":1}');
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.maxSafeInteger(), fc.boolean())),
        (value) => {
          const turned = Object.fromEntries(Object.entries(value).reverse());
          expect(canonicalJson(turned)).toBe(canonicalJson(value));
          expect(JSON.parse(canonicalJson(value))).toEqual({ ...value });
        },
      ),
    );
  });

  it('refuses numbers that have several forms', () => {
    for (const number of [0.5, 2 ** 53, Number.NaN])
      expect(() => canonicalJson({ number })).toThrow(RangeError);
  });
});

describe('a manifest', () => {
  it('is read as it was written', () => {
    const { manifest } = signed();
    expect(readManifest(encodeManifest(manifest))).toEqual(manifest);
  });

  it('is refused with any byte changed, cut or lengthened', () => {
    const { manifest } = signed();
    const bytes = encodeManifest(manifest);
    for (let at = 0; at < bytes.length - 1; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(readManifest(changed), `byte ${at}`).toBeUndefined();
    }
    expect(readManifest(bytes.subarray(0, -2))).toBeUndefined();
    expect(readManifest(Buffer.concat([bytes, Buffer.from('x')]))).toBeUndefined();
    expect(readManifest(Buffer.from(JSON.stringify({ ...manifest, more: 1 })))).toBeUndefined();
  });

  it('names its files, and the names lead back', () => {
    const { manifest, facts } = signed();
    const name = backupName(manifest);
    expect(name).toBe(`${VAULT}-${facts.id}-0000000007`);
    expect(parseBackupName(`${name}.json`)).toEqual({ vault: VAULT, device: facts.id, sequence: 7 });
    for (const other of [`${name}.age`, `x${name}.json`, '../a.json', `${name}.json.tmp`]) {
      expect(parseBackupName(other)).toBeUndefined();
    }
  });
});

describe('a device', () => {
  it('is answered for by the phrase, and by no other', async () => {
    const { facts } = signed();
    const other = await recoveryIdentity(Buffer.alloc(32, 2));
    expect(isCertified(VAULT, facts, recipients.certifier)).toBe(true);
    expect(isCertified(VAULT, facts, other.recipients.certifier)).toBe(false);
    expect(isCertified(randomUUID(), facts, recipients.certifier)).toBe(false);
    expect(isCertified(VAULT, { ...facts, id: randomUUID() }, recipients.certifier)).toBe(false);
  });

  it('is not believed when it says itself who answers for it, or nobody does', () => {
    const { facts } = signed(false);
    expect(facts.certificate).toBeUndefined();
    expect(isCertified(VAULT, facts, recipients.certifier)).toBe(false);
    const forged = { certifier: recipients.certifier, signature: Buffer.alloc(64).toString('base64') };
    expect(isCertified(VAULT, { ...facts, certificate: forged }, recipients.certifier)).toBe(false);
  });
});
