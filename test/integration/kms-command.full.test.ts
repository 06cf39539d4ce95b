import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KMS_OPERATION_NAMES } from '../../src/shared/kms-operations.ts';
import { CommandHome } from '../support/command.ts';
import { wrapFor } from '../unit/kms/import-support.ts';

let home: CommandHome;
beforeAll(async () => {
  home = await CommandHome.unlocked();
});
afterAll(() => home.lockAndEnd());

/** Runs `kms …` and reads its answer. */
async function kms(...words: string[]) {
  const { code, out, err } = await home.run(['kms', ...words]);
  return { code, err, answer: out === '' ? {} : (JSON.parse(out) as { [field: string]: unknown }) };
}

async function done(...words: string[]) {
  const { code, err, answer } = await kms(...words);
  expect([code, err]).toEqual([0, '']);
  const { ok, ...rest } = answer;
  expect(ok).toBe(true);
  return rest;
}

describe('keyward kms', () => {
  it('encrypts, decrypts and moves what AWS’s command would, in the same words', async () => {
    writeFileSync(join(home.files, 'note'), 'dear diary');
    const plaintext = ['--plaintext', `fileb://${join(home.files, 'note')}`];
    const context = ['--encryption-context', 'matter=17,client=A'];
    const sealed = await done('encrypt', '--key-id', 'alias/my-files', ...plaintext, ...context);
    expect(sealed).toMatchObject({ EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    const blob = String(sealed['CiphertextBlob']);
    const json = '{"client":"A","matter":"17"}';
    const opened = await done('decrypt', '--ciphertext-blob', blob, '--encryption-context', json);
    expect(Buffer.from(String(opened['Plaintext']), 'base64').toString()).toBe('dear diary');
    const input = JSON.stringify({ CiphertextBlob: blob, EncryptionContext: { matter: '17', client: 'A' } });
    expect(await done('decrypt', '--cli-input-json', input)).toEqual(opened);
    const refused = await kms('decrypt', '--ciphertext-blob', blob);
    expect(refused).toMatchObject({ code: 5, answer: { error: { code: 'InvalidCiphertextException' } } });
    const tried = await kms('encrypt', '--key-id', 'alias/my-files', ...plaintext, '--dry-run');
    expect(tried.answer).toMatchObject({ error: { code: 'DryRunOperationException' } });
  });

  it('makes an asymmetric key with tags, whose signatures others verify', async () => {
    const tags = ['--tags', 'TagKey=team,TagValue=tax', 'TagKey=year,TagValue=2026'];
    const spec = ['--key-spec', 'ECC_NIST_P256', '--key-usage', 'SIGN_VERIFY'];
    const { KeyMetadata } = (await done('create-key', ...spec, ...tags)) as {
      KeyMetadata: { KeyId: string; CreationDate: number };
    };
    expect(Math.abs(KeyMetadata.CreationDate * 1_000 - Date.now())).toBeLessThan(60_000);
    const key = ['--key-id', KeyMetadata.KeyId];
    expect((await done('list-resource-tags', ...key))['Tags']).toEqual([
      { TagKey: 'team', TagValue: 'tax' },
      { TagKey: 'year', TagValue: '2026' },
    ]);
    const message = Buffer.from('the message');
    const how = ['--message', message.toString('base64'), '--signing-algorithm', 'ECDSA_SHA_256'];
    const { Signature } = await done('sign', ...key, ...how);
    const { PublicKey } = await done('get-public-key', ...key);
    const spki = { key: Buffer.from(String(PublicKey), 'base64'), format: 'der', type: 'spki' } as const;
    const signature = Buffer.from(String(Signature), 'base64');
    expect(verify('sha256', message, createPublicKey(spki), signature)).toBe(true);
    expect(await done('tag-resource', ...key, '--tags', '[{"TagKey":"a","TagValue":"b"}]')).toEqual({});
    expect(await done('untag-resource', ...key, '--tag-keys', 'team', 'year')).toEqual({});
    expect(await done('schedule-key-deletion', ...key, '--pending-window-in-days', '7')).toMatchObject({
      KeyState: 'PendingDeletion',
      PendingWindowInDays: 7,
    });
    const wrong = await kms('sign', ...key, ...how);
    expect(wrong).toMatchObject({ code: 4, answer: { error: { code: 'KMSInvalidStateException' } } });
  });

  it('imports key material that is valid until a date, and tells the last use of a key', async () => {
    const { KeyMetadata } = (await done('create-key', '--origin', 'EXTERNAL')) as {
      KeyMetadata: { KeyId: string; KeyState: string };
    };
    expect(KeyMetadata.KeyState).toBe('PendingImport');
    const key = ['--key-id', KeyMetadata.KeyId];
    const algorithm = 'RSAES_OAEP_SHA_256';
    const how = ['--wrapping-algorithm', algorithm, '--wrapping-key-spec', 'RSA_3072'];
    const parameters = await done('get-parameters-for-import', ...key, ...how);
    const publicKey = Buffer.from(String(parameters['PublicKey']), 'base64');
    writeFileSync(join(home.files, 'wrapped'), wrapFor(publicKey, algorithm, randomBytes(32)));
    const given = [
      ...['--import-token', String(parameters['ImportToken'])],
      ...['--encrypted-key-material', `fileb://${join(home.files, 'wrapped')}`],
    ];
    const until = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 3_600_000);
    expect((await kms('import-key-material', ...key, ...given, '--valid-to', 'soon')).code).toBe(2);
    await done('import-key-material', ...key, ...given, '--valid-to', until.toISOString());
    const described = await done('describe-key', ...key);
    expect(described['KeyMetadata']).toMatchObject({ KeyState: 'Enabled', ValidTo: until.getTime() / 1_000 });
    await done('encrypt', ...key, '--plaintext', 'AAAA');
    expect((await done('get-key-last-usage', ...key))['KeyLastUsage']).toMatchObject({
      Operation: 'Encrypt',
    });
  });

  it('takes values as AWS’s command does: behind =, as JSON lists, in quotes, from files', async () => {
    writeFileSync(join(home.files, 'plain'), 'dear diary');
    const plaintext = `--plaintext=fileb://${join(home.files, 'plain')}`;
    const context = ['--encryption-context', `to="A, B",from=it's,note='say \\'x\\''`];
    const sealed = await done('encrypt', '--key-id=alias/my-files', plaintext, ...context);
    const blob = String(sealed['CiphertextBlob']);
    writeFileSync(join(home.files, 'blob'), blob.replaceAll(/.{20}/g, '$&\n'));
    writeFileSync(join(home.files, 'context'), '{"to":"A, B","from":"it\'s","note":"say \'x\'"}');
    const opened = await done(
      ...['decrypt', '--ciphertext-blob', `file://${join(home.files, 'blob')}`],
      ...['--encryption-context', `file://${join(home.files, 'context')}`],
    );
    expect(opened['Plaintext']).toBe(Buffer.from('dear diary').toString('base64'));
    const key = ['--key-id', String(sealed['KeyId'])];
    const grant = await done(
      ...['create-grant', ...key, '--grantee-principal', 'arn:aws:iam::000000000000:user/cli'],
      ...['--operations', '["Decrypt","Encrypt"]', '--constraints', 'EncryptionContextEquals={a=b}'],
    );
    expect(grant['GrantId']).toBeTruthy();
    const skeleton = await done('generate-mac', '--generate-cli-skeleton');
    expect(skeleton).toEqual({ Message: '', KeyId: '', MacAlgorithm: '', GrantTokens: [''], DryRun: true });
    const help = (await home.run(['kms', 'encrypt', '--help'])).out;
    expect(help).toContain('--encryption-context');
    expect((await home.run(['kms', 'help', 'encrypt'])).out).toBe(help);
  });

  it('refuses a context that would not be bound as it was given', async () => {
    const call = ['encrypt', '--key-id', 'alias/my-files', '--plaintext', 'AAAA'];
    writeFileSync(join(home.files, 'proto'), '{"EncryptionContext":{"__proto__":"x"}}');
    for (const words of [
      ['--encryption-context', '__proto__=x'],
      ['--encryption-context', '{"__proto__":"x"}'],
      ['--cli-input-json', `file://${join(home.files, 'proto')}`],
      ['--encryption-context', 'a=b,a=c'],
      ['--encryption-context', 'a=b,c'],
    ]) {
      const { code, answer } = await kms(...call, ...words);
      expect([code, answer], words.join(' ')).toMatchObject([2, { error: { code: 'Usage' } }]);
    }
  });

  it('says why an option of AWS’s is not there', async () => {
    const said = async (...words: string[]) => (await kms(...words)).answer;
    const ofAws = { code: 'Usage', message: expect.stringContaining('keyward serve') };
    expect(await said('list-keys', '--query', 'Keys')).toMatchObject({ error: ofAws });
    const enclaves = { code: 'UnsupportedOperationException', message: expect.stringContaining('Enclaves') };
    expect(await said('decrypt', '--recipient', '{}')).toMatchObject({ error: enclaves });
    const meant = { message: 'There is no operation "ReEncrypt". Did you mean re-encrypt?' };
    expect(await said('ReEncrypt')).toMatchObject({ error: meant });
  });

  it('lists its operations and their options, and refuses words that it does not know', async () => {
    const { code, out } = await home.run(['kms']);
    expect(code).toBe(0);
    expect((JSON.parse(out) as { operations: string[] }).operations).toHaveLength(KMS_OPERATION_NAMES.length);
    expect((await home.run(['kms', 'generate-mac', 'help'])).out).toContain('--mac-algorithm');
    for (const words of [
      ['fly'],
      ['encrypt', '--colour', 'red'],
      ['encrypt', '--key-id'],
      ['generate-random', '--number-of-bytes', 'many'],
      ['encrypt', '--cli-input-json', 'no'],
    ]) {
      expect((await home.run(['kms', ...words])).code, words.join(' ')).toBe(2);
    }
    const missing = await kms('encrypt', '--key-id', 'alias/my-files');
    expect(missing.answer).toMatchObject({
      error: {
        code: 'ValidationException',
        message:
          "1 validation error detected: Value null at 'plaintext' failed to satisfy constraint: Member must not be null",
      },
    });
    const odd = ['--plaintext', 'not base64!'];
    expect((await kms('encrypt', '--key-id', 'alias/my-files', ...odd)).code).toBe(2);
  });
});
