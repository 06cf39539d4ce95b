import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import { type Json, KeywardError } from '../../../src/shared/errors.ts';
import { KMS_OPERATION_NAMES, KMS_OPERATIONS, type KmsField } from '../../../src/shared/kms-operations.ts';
import { codeOf, newKey, newVault, OWNER, refusal, type TestVault } from './support.ts';

const context = { case: '17' };

afterEach(() => vi.restoreAllMocks());

function newest(vault: TestVault) {
  return vault.audit.list({ limit: 1 })[0];
}

function breakDisk(vault: TestVault): void {
  const error = new KeywardError('DiskFull', 'The disk is full.');
  vi.spyOn(vault.store, 'group').mockRejectedValue(error);
  vi.spyOn(vault.store, 'write').mockImplementation(() => {
    throw error;
  });
}

describe('audit entries', () => {
  it.each(KMS_OPERATION_NAMES)('of %s stay short, however long its input is', async (operation) => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const long = 'Sign'.repeat(20_000);
    const pairs = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${long}${n}`, long]));
    const values: { readonly [kind: string]: Json } = {
      ...{ text: long, truth: false, number: 1, date: 1, blob: 'AAAA', map: pairs },
      texts: Array.from({ length: 20_000 }, () => 'Sign'),
      tags: Array.from({ length: 60 }, () => ({ TagKey: long, TagValue: long })),
      constraints: { EncryptionContextSubset: pairs },
    };
    const fields = Object.entries<KmsField>(KMS_OPERATIONS[operation]);
    const input = fields.map(([name, kind]): [string, Json] => [name, values[kind.replace('!', '')] ?? '']);
    const grantee = { GranteePrincipal: OWNER.principal, RetiringPrincipal: OWNER.principal };
    for (const sound of [{}, { KeyId: arn, GrantTokens: [] }, { KeyId: arn, GrantTokens: [], ...grantee }]) {
      const given = { ...Object.fromEntries(input), ...sound };
      await codeOf(dispatch(vault.kms, OWNER, operation, given));
      expect(JSON.stringify(newest(vault)).length).toBeLessThan(50_000);
    }
  });

  it('are one for each operation, with its name, its key and what was asked', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault, 'alias/a');
    const { kms } = vault;
    const KeyId = 'alias/a';
    const Plaintext = Buffer.from('hello');
    const { CiphertextBlob } = await kms.Encrypt(OWNER, { KeyId, Plaintext });
    const before = vault.audit.head().seq;
    const operations: [string, () => Promise<unknown>, object][] = [
      ['DescribeKey', () => kms.DescribeKey(OWNER, { KeyId }), { keyId: KeyId }],
      ['DescribeKey', () => kms.overview(OWNER, { KeyId }), { keyId: KeyId }],
      [
        'UpdateKeyDescription',
        () => kms.UpdateKeyDescription(OWNER, { KeyId, Description: 'd' }),
        { description: 'd' },
      ],
      ['DisableKey', () => kms.DisableKey(OWNER, { KeyId }), { keyId: KeyId }],
      ['EnableKey', () => kms.EnableKey(OWNER, { KeyId }), { keyId: KeyId }],
      ['RotateKeyOnDemand', () => kms.RotateKeyOnDemand(OWNER, { KeyId }), { keyId: KeyId }],
      ['ListKeyRotations', () => kms.ListKeyRotations(OWNER, { KeyId }), { keyId: KeyId }],
      ['ListAliases', () => kms.ListAliases(OWNER, { KeyId }), { keyId: KeyId }],
      [
        'CreateAlias',
        () => kms.CreateAlias(OWNER, { AliasName: 'alias/b', TargetKeyId: id }),
        { targetKeyId: id },
      ],
      [
        'GenerateDataKey',
        () => kms.GenerateDataKey(OWNER, { KeyId, KeySpec: 'AES_256', EncryptionContext: context }),
        { keyId: KeyId, keySpec: 'AES_256', encryptionContext: context },
      ],
      [
        'Encrypt',
        () => kms.Encrypt(OWNER, { KeyId, Plaintext }),
        { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
      ],
      ['Decrypt', () => kms.Decrypt(OWNER, { CiphertextBlob }), { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' }],
      [
        'ReEncrypt',
        () => kms.ReEncrypt(OWNER, { CiphertextBlob, DestinationKeyId: id }),
        { destinationKeyId: id },
      ],
    ];
    for (const [eventName, act, requestParameters] of operations) {
      await act();
      const entry = newest(vault);
      expect(entry).toMatchObject({
        eventName,
        principal: OWNER.principal,
        keyArns: [arn],
        requestParameters,
      });
      expect(entry?.errorCode).toBeUndefined();
    }
    expect(vault.audit.head().seq).toBe(before + operations.length);
    expect(await vault.audit.verify()).toMatchObject({ ok: true });
  });

  it('name the file, and mark what changes keys', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    expect(newest(vault)).toMatchObject({ eventName: 'CreateKey', readOnly: false });
    const caller = { ...OWNER, file: { path: '/home/anna/Akte 17.pdf' } };
    await vault.kms.GenerateDataKey(caller, { KeyId: id, KeySpec: 'AES_256' });
    expect(newest(vault)).toMatchObject({ file: '/home/anna/Akte 17.pdf', readOnly: true });
  });

  it('tell of denials, of changes too, which then change nothing', async () => {
    const vault = newVault();
    const { id, arn } = await newKey(vault);
    await vault.kms.DisableKey(OWNER, { KeyId: id });
    const denials: [string, () => Promise<unknown>, string, string[]][] = [
      [
        'GenerateDataKey',
        () => vault.kms.GenerateDataKey(OWNER, { KeyId: id, KeySpec: 'AES_256' }),
        'DisabledException',
        [arn],
      ],
      [
        'RotateKeyOnDemand',
        () => vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id }),
        'DisabledException',
        [arn],
      ],
      ['DescribeKey', () => vault.kms.DescribeKey(OWNER, { KeyId: 'alias/none' }), 'NotFoundException', []],
      [
        'CreateKey',
        () => vault.kms.CreateKey(OWNER, { Origin: 'AWS_CLOUDHSM' }),
        'UnsupportedOperationException',
        [],
      ],
      [
        'Decrypt',
        () => vault.kms.Decrypt(OWNER, { CiphertextBlob: Buffer.from('x') }),
        'InvalidCiphertextException',
        [],
      ],
      [
        'CreateAlias',
        () => vault.kms.CreateAlias(OWNER, { AliasName: 'alias/aws/x', TargetKeyId: id }),
        'InvalidAliasNameException',
        [],
      ],
    ];
    const before = vault.audit.head().seq;
    for (const [eventName, act, errorCode, keyArns] of denials) {
      const { message } = await refusal(act());
      expect(newest(vault)).toMatchObject({ eventName, errorCode, errorMessage: message, keyArns });
      expect(newest(vault)?.responseElements).toBeUndefined();
    }
    expect(vault.audit.head().seq).toBe(before + denials.length);
    const { Rotations } = await vault.kms.ListKeyRotations(OWNER, { KeyId: id });
    expect(Rotations).toEqual([]);
  });

  it('leave out a context that can’t be stored, and cut names that are too long', async () => {
    const vault = newVault();
    await codeOf(
      vault.kms.GenerateDataKey(OWNER, {
        ...{ KeyId: 'k'.repeat(100_000), KeySpec: 'AES_256', EncryptionContext: { a: 'x'.repeat(100_000) } },
      }),
    );
    expect(JSON.stringify(newest(vault)).length).toBeLessThan(4_000);
  });

  it('never hold plaintext or key bytes, nor does any file of the vault', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const canary = Buffer.from('canary-5f2c9d-plaintext');
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext: canary });
    await vault.kms.Decrypt(OWNER, { CiphertextBlob });
    const { Plaintext } = await vault.kms.GenerateDataKey(OWNER, { KeyId: id, KeySpec: 'AES_256' });
    const folder = dirname(vault.store.path);
    for (const name of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, name));
      for (const secret of [canary, Plaintext]) {
        for (const form of [secret, secret.toString('base64'), secret.toString('hex')]) {
          expect(bytes.includes(form), name).toBe(false);
        }
      }
    }
  });
});

describe('group commit', () => {
  it('serves 1,000 data keys asked for at once in a few commits, each with its entry', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const before = vault.audit.head().seq;
    const exec = vi.spyOn(Database.prototype, 'exec');
    const made = await Promise.all(
      Array.from({ length: 1_000 }, (_, i) =>
        vault.kms.GenerateDataKey(OWNER, {
          KeyId: id,
          KeySpec: 'AES_256',
          EncryptionContext: { n: String(i) },
        }),
      ),
    );
    const commits = exec.mock.calls.filter(([sql]) => sql === 'COMMIT').length;
    expect(commits).toBeGreaterThan(0);
    expect(commits).toBeLessThan(100);
    expect(new Set(made.map(({ Plaintext }) => Plaintext.toString('hex'))).size).toBe(1_000);
    expect(vault.audit.head().seq).toBe(before + 1_000);
    const contexts = vault.audit
      .list({ limit: 1_000 })
      .map(({ requestParameters }) => JSON.stringify(requestParameters));
    expect(new Set(contexts).size).toBe(1_000);
    expect(await vault.audit.verify()).toMatchObject({ ok: true });
  });

  it('refuses one in a group without touching its neighbours', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    const ask = (KeyId: string) => vault.kms.GenerateDataKey(OWNER, { KeyId, KeySpec: 'AES_256' });
    const answers = await Promise.allSettled([ask(id), ask('alias/none'), ask(id)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(vault.audit.list({ limit: 3 }).map(({ errorCode }) => errorCode)).toEqual([
      undefined,
      'NotFoundException',
      undefined,
    ]);
  });
});

describe('pitfall 46: an audit log that can’t be written', () => {
  async function prepared() {
    const vault = newVault();
    const { id } = await newKey(vault);
    const { CiphertextBlob } = await vault.kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.from('x') });
    const decrypt = () => vault.kms.Decrypt(OWNER, { CiphertextBlob });
    return { vault, id, decrypt, head: vault.audit.head().seq };
  }

  it('stops encryption and changes, whatever the setting', async () => {
    const { vault, id } = await prepared();
    vault.openWithoutAudit = true;
    breakDisk(vault);
    const { kms } = vault;
    const asked = [
      kms.GenerateDataKey(OWNER, { KeyId: id, KeySpec: 'AES_256' }),
      kms.Encrypt(OWNER, { KeyId: id, Plaintext: Buffer.from('x') }),
      kms.CreateKey(OWNER, {}),
      kms.DisableKey(OWNER, { KeyId: id }),
      kms.RotateKeyOnDemand(OWNER, { KeyId: id }),
    ];
    for (const code of await Promise.all(asked.map(codeOf))) expect(code).toBe('AuditUnwritable');
    vi.restoreAllMocks();
    const { KeyMetadata } = await kms.DescribeKey(OWNER, { KeyId: id });
    expect(KeyMetadata.Enabled).toBe(true);
    expect((await kms.ListKeys(OWNER, {})).Keys).toHaveLength(1);
  });

  it('stops decryption where the setting is off', async () => {
    const { vault, decrypt } = await prepared();
    breakDisk(vault);
    expect(await codeOf(decrypt())).toBe('AuditUnwritable');
    expect(vault.audit.held).toBe(0);
  });

  it('lets decryption go on where the setting is on; entries follow behind a gap entry', async () => {
    const { vault, id, decrypt, head } = await prepared();
    vault.openWithoutAudit = true;
    breakDisk(vault);
    expect((await decrypt()).Plaintext.toString()).toBe('x');
    const foreign = vault.kms.Decrypt(OWNER, { CiphertextBlob: Buffer.from('no') });
    expect(await codeOf(foreign)).toBe('InvalidCiphertextException');
    await vault.kms.DescribeKey(OWNER, { KeyId: id });
    expect(vault.audit.held).toBe(3);
    vi.restoreAllMocks();
    expect(vault.audit.head().seq).toBe(head);
    await decrypt();
    const names = vault.audit.list({ limit: 5 }).map(({ eventName, errorCode }) => errorCode ?? eventName);
    expect(names).toEqual(['Decrypt', 'DescribeKey', 'InvalidCiphertextException', 'Decrypt', 'AuditGap']);
    expect(vault.audit.held).toBe(0);
    expect(await vault.audit.verify()).toMatchObject({ ok: true });
  });

  it('keeps the refusal of a change, and logs it later', async () => {
    const { vault, id } = await prepared();
    await vault.kms.DisableKey(OWNER, { KeyId: id });
    const write = vault.store.write.bind(vault.store);
    let calls = 0;
    vi.spyOn(vault.store, 'write').mockImplementation((act) => {
      calls += 1;
      if (calls === 1) return write(act);
      throw new KeywardError('DiskReadOnly', 'The disk is read-only.');
    });
    expect(await codeOf(vault.kms.RotateKeyOnDemand(OWNER, { KeyId: id }))).toBe('DisabledException');
    expect(vault.audit.held).toBe(1);
  });
});
