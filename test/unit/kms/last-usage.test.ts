import { describe, expect, it, vi } from 'vitest';
import { headRecord, readHead } from '../../../src/main/audit/chain.ts';
import { AuditLog } from '../../../src/main/audit/log.ts';
import { MIGRATIONS } from '../../../src/main/store/schema.ts';
import { KeywardError } from '../../../src/shared/errors.ts';
import { editEntry } from '../audit/support.ts';
import { reopen, tamper, testKey } from '../store/support.ts';
import { newKey, newVault, OWNER, refusal, VAULT } from './support.ts';

const Plaintext = Buffer.from('x');
const AUDIT_KEYS = {
  mac: testKey('audit-mac'),
  names: testKey('audit-names'),
  index: testKey('audit-index'),
};

describe('GetKeyLastUsage', () => {
  it('is empty for a key that was never used, whatever was done about it', async () => {
    const vault = newVault();
    const { id } = await newKey(vault, 'alias/a');
    await vault.kms.DescribeKey(OWNER, { KeyId: id });
    await vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id });
    await refusal(vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.alloc(5_000) }));
    await refusal(vault.kms.GenerateDataKey(OWNER, { KeyId: id, KeySpec: 'AES_256', DryRun: true } as never));
    const { CreationDate } = (await vault.kms.DescribeKey(OWNER, { KeyId: id })).KeyMetadata;
    expect(await vault.kms.GetKeyLastUsage(OWNER, { KeyId: 'alias/a' })).toEqual({
      KeyId: id,
      KeyLastUsage: {},
      TrackingStartDate: CreationDate,
      KeyCreationDate: CreationDate,
    });
  });

  it('tells the last successful operation, its date and its entry in the log', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    vault.clock.advance(60_000);
    await vault.kms.Decrypt(OWNER, { CiphertextBlob });
    const entry = vault.audit.list({ limit: 1 })[0];
    vault.clock.advance(60_000);
    await refusal(vault.kms.Decrypt(OWNER, { CiphertextBlob, EncryptionContext: { a: 'b' } }));
    const { KeyLastUsage } = await vault.kms.GetKeyLastUsage(OWNER, { KeyId: id });
    expect(KeyLastUsage).toEqual({
      Operation: 'Decrypt',
      Timestamp: new Date(entry?.eventTime ?? ''),
      CloudTrailEventId: entry?.eventID,
    });
  });

  it('counts a re-encryption for both keys, and a group of calls in its order', async () => {
    const vault = newVault();
    const [one, two] = [await newKey(vault), await newKey(vault)];
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: one.id, Plaintext });
    await vault.kms.ReEncrypt(OWNER, { CiphertextBlob, DestinationKeyId: two.id });
    const use = async (KeyId: string) =>
      (await vault.kms.GetKeyLastUsage(OWNER, { KeyId })).KeyLastUsage.Operation;
    expect([await use(one.id), await use(two.id)]).toEqual(['ReEncrypt', 'ReEncrypt']);
    await Promise.all([
      vault.kms.Encrypt(OWNER, { KeyId: one.id, Plaintext }),
      vault.kms.GenerateDataKey(OWNER, { KeyId: one.id, KeySpec: 'AES_256' }),
      refusal(vault.kms.Encrypt(OWNER, { KeyId: two.id, Plaintext: Buffer.alloc(0) })),
    ]);
    expect([await use(one.id), await use(two.id)]).toEqual(['GenerateDataKey', 'ReEncrypt']);
  });

  it('believes the index only as far as the log bears it out', async () => {
    const vault = newVault();
    const [one, two] = [await newKey(vault), await newKey(vault)];
    await vault.kms.Encrypt(OWNER, { KeyId: one.id, Plaintext });
    await vault.kms.Encrypt(OWNER, { KeyId: two.id, Plaintext });
    tamper(
      vault.store.path,
      'UPDATE key_uses SET seq = (SELECT max(seq) FROM key_uses) WHERE key_arn = ?',
      one.arn,
    );
    const { code } = await refusal(vault.kms.GetKeyLastUsage(OWNER, { KeyId: one.id }));
    expect(code).toBe('AuditBroken');
  });

  it.each([
    ['points to an older use', 'UPDATE key_uses SET seq = ? WHERE key_arn = ?'],
    ['points to no entry', 'UPDATE key_uses SET seq = seq - 2 * ? WHERE key_arn = ?'],
    ['is gone', 'DELETE FROM key_uses WHERE ? > 0 AND key_arn = ?'],
    ['is now of another key', `UPDATE key_uses SET key_arn = 'x' WHERE ? > 0 AND key_arn = ?`],
  ])('is refused where the row of the last use %s, at once and after an unlock', async (_what, sql) => {
    const vault = newVault();
    const { id, arn } = await newKey(vault);
    const other = await newKey(vault);
    for (const KeyId of [other.id, id, other.id, id]) await vault.kms.Encrypt(OWNER, { KeyId, Plaintext });
    const asked = async (KeyId: string) => (await refusal(vault.kms.GetKeyLastUsage(OWNER, { KeyId }))).code;
    expect([await asked(id), await asked(other.id)]).toEqual(['none', 'none']);
    const [, older] = vault.audit.list({ keyArn: arn, eventName: 'Encrypt' });
    tamper(vault.store.path, sql, older?.seq ?? 0, arn);
    expect([await asked(id), await asked(other.id)]).toEqual(['AuditBroken', 'AuditBroken']);
    await vault.kms.Encrypt(OWNER, { KeyId: other.id, Plaintext });
    expect(await asked(id)).toBe('AuditBroken');
    const later = new AuditLog(vault.store, vault.records, AUDIT_KEYS, VAULT, vault.clock);
    expect(() => vault.store.read((tx) => later.lastUse(tx, arn))).toThrow(
      expect.objectContaining({ reason: 'last-uses-changed' }),
    );
  });

  it('is in step with what is rolled back, and with a vault whose index had no sum yet', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault);
    const use = () => vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    const last = async () => (await vault.kms.GetKeyLastUsage(OWNER, { KeyId: id })).KeyLastUsage;
    await use();
    const { uses: _none, ...head } = vault.store.read((tx) => readHead(tx, vault.records));
    vault.store.write((tx) => vault.records.put(tx, 'audit', 'head', headRecord(head)));
    const first = await last();
    expect(first.Operation).toBe('Encrypt');
    const put = vi.spyOn(vault.records, 'put').mockImplementationOnce(() => {
      throw new KeywardError('DiskReadOnly', 'The disk is read-only.');
    });
    expect((await refusal(use())).code).toBe('AuditUnwritable');
    put.mockRestore();
    expect(await last()).toEqual(first);
    await use();
    const [newest] = vault.audit.list({ limit: 1 });
    expect((await last()).CloudTrailEventId).toBe(newest?.eventID);
    tamper(vault.store.path, 'DELETE FROM key_uses WHERE key_arn = ?', arn);
    expect((await refusal(last())).code).toBe('AuditBroken');
  });

  it('takes no entry for a use that is of something else done to the key, or was refused', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault);
    await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    const pointed = async () => {
      const seq = vault.audit.list({ limit: 1, keyArn: arn })[0]?.seq ?? 0;
      tamper(vault.store.path, 'UPDATE key_uses SET seq = ? WHERE key_arn = ?', seq, arn);
      return (await refusal(vault.kms.GetKeyLastUsage(OWNER, { KeyId: id }))).code;
    };
    expect(await pointed()).toBe('none');
    await vault.kms.DescribeKey(OWNER, { KeyId: id });
    expect(await pointed()).toBe('AuditBroken');
    await refusal(vault.kms.GenerateDataKey(OWNER, { KeyId: id, KeySpec: 'AES_256', DryRun: true } as never));
    expect(await pointed()).toBe('AuditBroken');
  });

  it('reaches as far back as the log of a vault that was made before there was an index', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault);
    await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext });
    await refusal(vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.alloc(0) }));
    const uses = () =>
      vault.store.read((tx) => tx.all<{ key_arn: string; seq: number }>('SELECT * FROM key_uses'));
    const before = uses();
    expect(before.map((row) => row.key_arn)).toEqual([arn]);
    vault.store.close();
    // Such a vault packed no entries either.
    for (const { seq } of before) editEntry(vault.store.path, seq, '{', '{');
    for (const table of ['key_uses', 'audit_blocks', 'audit_terms', 'tree_roots', 'tree_nodes', 'jobs']) {
      tamper(vault.store.path, `DROP TABLE ${table}`);
    }
    for (const column of ['folder', 'claims', 'mac']) {
      tamper(vault.store.path, `ALTER TABLE partials DROP COLUMN ${column}`);
    }
    tamper(vault.store.path, 'INSERT INTO audit (seq, body, hash, mac) VALUES (99, ?, ?, ?)', ...noise());
    tamper(vault.store.path, 'PRAGMA user_version = 1');
    const after = reopen(vault.store.path);
    expect(after.read((tx) => tx.all('SELECT * FROM key_uses'))).toEqual(before);
    expect(MIGRATIONS.length).toBeGreaterThan(1);
  });
});

function noise(): [Buffer, Buffer, Buffer] {
  return [Buffer.from('{no json'), Buffer.alloc(32), Buffer.alloc(32)];
}
