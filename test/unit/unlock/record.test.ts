import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../src/main/crypto/hash.ts';
import { ARGON2_FLOOR } from '../../../src/main/crypto/passphrase.ts';
import { createProtectors, type WantedProtectors } from '../../../src/main/unlock/protectors.ts';
import { decodeRecord, type ProtectorRecord } from '../../../src/main/unlock/record.ts';
import { RootKey } from '../../../src/main/unlock/root-key.ts';
import { testClock } from '../store/support.ts';
import { PASSPHRASE, PHRASE } from './support.ts';
import { CHEAP, VAULT_ID } from './vault.ts';

async function record(wanted: WantedProtectors): Promise<Buffer> {
  const [made] = await createProtectors(RootKey.create(VAULT_ID), wanted, testClock());
  return made?.record ?? Buffer.alloc(0);
}

/** The record with other bytes at a place, and a checksum to fit. */
function edited(bytes: Buffer, at: number, ...values: number[]): ProtectorRecord | undefined {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  sha256(copy.subarray(0, -32)).copy(copy, copy.length - 32);
  return decodeRecord(copy);
}

describe('the record of a protector', () => {
  it('says the cost of a passphrase: the one asked for, or the usual one', async () => {
    const secret = Buffer.from(PASSPHRASE);
    expect(decodeRecord(await record({ passphrase: secret, cost: CHEAP }))?.facts.cost).toEqual(CHEAP);
    expect(decodeRecord(await record({ passphrase: secret }))?.facts.cost).toEqual(ARGON2_FLOOR);
  });

  it('says no cost of a phrase', async () => {
    const { facts } = decodeRecord(await record({ recoveryPhrase: PHRASE })) ?? {};
    expect(facts).toMatchObject({ kind: 'recovery-phrase', vaultId: VAULT_ID, created: testClock().now() });
    expect(facts !== undefined && 'cost' in facts).toBe(false);
  });

  it('is none with another mark, an unknown kind, a byte too many or too few, whatever its checksum', async () => {
    const bytes = await record({ recoveryPhrase: PHRASE });
    expect(edited(bytes, 8, 3)?.facts.kind).toBe('recovery-phrase');
    for (const kind of [0, 5, 255]) expect(edited(bytes, 8, kind), `kind ${kind}`).toBeUndefined();
    for (let at = 0; at < 8; at++) expect(edited(bytes, at, 0), `mark ${at}`).toBeUndefined();
    const fixed = await record({ passphrase: Buffer.from(PASSPHRASE), cost: CHEAP });
    expect(edited(fixed, 0)?.facts.kind).toBe('passphrase');
    expect(edited(Buffer.concat([fixed, Buffer.alloc(1)]), 0)).toBeUndefined();
    expect(edited(fixed.subarray(0, -1), 0)).toBeUndefined();
    expect(edited(fixed.subarray(1), 0)).toBeUndefined();
    expect(decodeRecord(Buffer.alloc(0))).toBeUndefined();
  });
});
