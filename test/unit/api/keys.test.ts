import { createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimHome, initVault, openSession, type Session } from '../../../src/main/api/index.ts';
import type { Input, Method, Output } from '../../../src/shared/contract.ts';
import { fromErrorBody } from '../../../src/shared/errors.ts';

const COST = { memoryKiB: 8192, passes: 1, lanes: 1 };

let folder: string;
let session: Session;
let close: () => Promise<void>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-api-keys-'));
  const claim = await claimHome(join(folder, 'home'));
  if (claim === undefined) throw new Error('the home is taken');
  const passphrase = Buffer.from('a passphrase');
  await initVault(claim, { throwAway: true, passphrase, keychain: false, parts: { cost: COST } });
  session = await openSession(claim, {
    credential: { kind: 'passphrase', bytes: passphrase },
    kind: 'window',
  });
  close = async () => {
    await session.close();
    await claim.release();
  };
});

afterAll(async () => {
  await close();
  rmSync(folder, { recursive: true, force: true });
});

async function call<M extends Method>(method: M, input: Input<M>): Promise<Output<M>> {
  const { signal } = new AbortController();
  const answer = await session.call(method, input, { client: 'window', signal, progress: () => undefined });
  if (answer.ok) return answer.value;
  throw fromErrorBody(answer.error);
}

const events = async (key: string) =>
  (await call('audit.list', { limit: 100, key })).entries.map(({ eventName }) => eventName);

describe('a key as the faces make it', () => {
  it('has spec, usage, tags and rotation as they were chosen', async () => {
    const made = await call('keys.create', {
      alias: 'contracts',
      description: 'Signed ones',
      rotation: 180,
      tags: [{ key: 'matter', value: 'M-1' }],
    });
    expect(made).toMatchObject({ aliases: ['alias/contracts'], spec: 'SYMMETRIC_DEFAULT', state: 'Enabled' });
    expect(made.rotation?.days).toBe(180);
    const detail = await call('keys.describe', { key: made.keyId });
    expect(detail).toMatchObject({
      tags: [{ key: 'matter', value: 'M-1' }],
      algorithms: ['SYMMETRIC_DEFAULT'],
    });
    const signing = await call('keys.create', {
      alias: 'seal',
      description: '',
      spec: 'ECC_NIST_P256',
      usage: 'SIGN_VERIFY',
    });
    expect(signing).toMatchObject({ spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' });
    expect((await call('keys.describe', { key: 'seal' })).algorithms).toEqual(['ECDSA_SHA_256']);
  });

  it('is refused with a spec that there is not', async () => {
    const wrong = call('keys.create', { alias: 'odd', description: '', spec: 'ROT_13' });
    await expect(wrong).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(call('keys.describe', { key: 'odd' })).rejects.toMatchObject({ code: 'NotFoundException' });
  });

  it('is not made where it can not rotate as was asked', async () => {
    const signing = { spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' };
    const made = call('keys.create', { alias: 'half', description: '', ...signing, rotation: 180 });
    await expect(made).rejects.toMatchObject({ code: 'UnsupportedOperationException' });
    await expect(call('keys.describe', { key: 'half' })).rejects.toMatchObject({ code: 'NotFoundException' });
    const { entries } = await call('audit.list', { limit: 2 });
    expect(entries[1]).toMatchObject({
      eventName: 'EnableKeyRotation',
      errorCode: 'UnsupportedOperationException',
    });
  });

  it('tells of each version how it came to be', async () => {
    await call('keys.create', { alias: 'turning', description: '' });
    await call('keys.rotate', { key: 'turning' });
    const { history } = await call('keys.describe', { key: 'turning' });
    expect(history.map(({ rotation }) => rotation)).toEqual([undefined, 'ON_DEMAND']);
  });
});

describe('what can be changed about a key', () => {
  it('its description, its names, and which key a name is for', async () => {
    const first = await call('keys.create', { alias: 'first', description: 'one' });
    const second = await call('keys.create', { alias: 'second', description: 'two' });
    expect((await call('keys.setDescription', { key: 'first', description: 'the first' })).description).toBe(
      'the first',
    );
    expect((await call('keys.addAlias', { key: first.keyId, alias: 'also' })).aliases).toEqual([
      'alias/first',
      'alias/also',
    ]);
    expect((await call('keys.moveAlias', { key: 'second', alias: 'also' })).keyId).toBe(second.keyId);
    expect((await call('keys.describe', { key: 'also' })).keyId).toBe(second.keyId);
    expect((await call('keys.removeAlias', { alias: 'also' })).aliases).toEqual(['alias/second']);
    await expect(call('keys.describe', { key: 'also' })).rejects.toMatchObject({ code: 'NotFoundException' });
  });

  it('its tags, as a whole; only what differs is asked of the service', async () => {
    const { keyId } = await call('keys.create', {
      alias: 'tagged',
      description: '',
      tags: [
        { key: 'stays', value: '1' },
        { key: 'goes', value: '2' },
      ],
    });
    const wanted = [
      { key: 'stays', value: '1' },
      { key: 'comes', value: '3' },
    ];
    expect((await call('keys.setTags', { key: 'tagged', tags: wanted })).tags).toEqual(wanted);
    const before = await events(keyId);
    expect(before.slice(0, 2)).toEqual(['TagResource', 'UntagResource']);
    await call('keys.setTags', { key: 'tagged', tags: wanted });
    expect(await events(keyId)).toEqual(before);
  });

  it('its tags not at all where one of them can not be changed', async () => {
    const tags = [
      { key: 'kept', value: '1' },
      { key: 'old', value: '2' },
    ];
    await call('keys.create', { alias: 'half-tagged', description: '', tags });
    const reserved = [
      { key: 'new', value: '3' },
      { key: 'aws:mine', value: '4' },
    ];
    const deny = async (action: string) => {
      const everything = { Effect: 'Allow', Principal: '*', Action: 'kms:*', Resource: '*' };
      const denied = { ...everything, Effect: 'Deny', Action: action };
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: [everything, denied] });
      await call('keys.putPolicy', { key: 'half-tagged', policy });
    };
    const change = (wanted: Input<'keys.setTags'>['tags']) =>
      call('keys.setTags', { key: 'half-tagged', tags: wanted });
    await expect(change(reserved)).rejects.toMatchObject({ code: 'TagException' });
    await deny('kms:UntagResource');
    await expect(change(reserved.slice(0, 1))).rejects.toMatchObject({ code: 'AccessDeniedException' });
    await deny('kms:TagResource');
    await expect(change(reserved.slice(0, 1))).rejects.toMatchObject({ code: 'AccessDeniedException' });
    expect((await call('keys.describe', { key: 'half-tagged' })).tags).toEqual(tags);
  });

  it('its tags even where it has as many as it can have', async () => {
    const fifty = (prefix: string) =>
      Array.from({ length: 50 }, (_, n) => ({ key: `${prefix}${n}`, value: '' }));
    await call('keys.create', { alias: 'full', description: '', tags: fifty('a') });
    expect((await call('keys.setTags', { key: 'full', tags: fifty('b') })).tags).toEqual(fifty('b'));
  });
});

describe('the public key', () => {
  it('comes as a PEM that others can read', async () => {
    await call('keys.create', { alias: 'open', description: '', spec: 'RSA_2048', usage: 'SIGN_VERIFY' });
    const { pem } = await call('keys.publicKey', { key: 'open' });
    expect(createPublicKey(pem).asymmetricKeyDetails?.modulusLength).toBe(2048);
  });

  it('is not there for a symmetric key', async () => {
    const asked = call('keys.publicKey', { key: 'my-files' });
    await expect(asked).rejects.toMatchObject({ code: 'UnsupportedOperationException' });
  });
});

describe('files under a key', () => {
  it('are counted by version, the newest named first, those of other keys left out', async () => {
    await call('keys.create', { alias: 'counted', description: '' });
    await call('keys.create', { alias: 'other', description: '' });
    const encrypt = async (name: string, bytes: number, key: string) => {
      const source = join(folder, name);
      writeFileSync(source, 'x'.repeat(bytes));
      await call('files.encrypt', { sources: [source], key, overwrite: false, each: false });
      return `${source}.keyward`;
    };
    await encrypt('one.txt', 10, 'counted');
    await call('keys.rotate', { key: 'counted' });
    await encrypt('two.txt', 20, 'counted');
    const last = await encrypt('three.txt', 30, 'counted');
    await encrypt('four.txt', 400, 'other');
    const { history } = await call('keys.describe', { key: 'counted' });
    const found = await call('keys.files', { key: 'counted' });
    expect(found).toMatchObject({ files: 3, bytes: 60 });
    expect(new Map(found.versions.map(({ version, files }) => [version, files]))).toEqual(
      new Map([
        [history[0]?.version, 1],
        [history[1]?.version, 2],
      ]),
    );
    expect(found.newest[0]?.path).toBe(last);
  });
});

describe('the policy of a key', () => {
  const account = 'arn:aws:iam::000000000000';
  const policyOf = (...statements: object[]) =>
    JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const everything = {
    Effect: 'Allow',
    Principal: { AWS: `${account}:root` },
    Action: 'kms:*',
    Resource: '*',
  };

  it('is checked without being put: what is wrong, and what one would lose', async () => {
    await call('keys.create', { alias: 'ruled', description: '' });
    const { keyId } = await call('keys.describe', { key: 'ruled' });
    const before = await events(keyId);
    const check = (policy: string) => call('keys.checkPolicy', { key: 'ruled', policy });
    expect(await check('{"Version": "2012-10-17",')).toMatchObject({
      valid: false,
      why: expect.stringContaining('line 1, column'),
    });
    expect(await check(policyOf({ ...everything, Effect: 'Permit' }))).toEqual({
      valid: false,
      why: 'Statement[0].Effect: must be Allow or Deny',
    });
    expect(await check(policyOf(everything))).toEqual({ valid: true, loses: [], locksOut: false });
    const deny = { Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt', Resource: '*' };
    expect(await check(policyOf(everything, deny))).toEqual({
      valid: true,
      loses: ['Decrypt'],
      locksOut: false,
    });
    const foreign = { ...everything, Principal: { AWS: `${account}:user/cli` } };
    expect(await check(policyOf(foreign))).toMatchObject({ valid: true, locksOut: true });
    expect(await check('')).toMatchObject({ valid: false });
    expect(await events(keyId)).toEqual(before);
  });

  it('is put, read back, and refused where it would lock its writer out', async () => {
    const policy = policyOf(everything, {
      Effect: 'Deny',
      Principal: '*',
      Action: 'kms:ScheduleKeyDeletion',
      Resource: '*',
    });
    await call('keys.putPolicy', { key: 'ruled', policy });
    expect(await call('keys.policy', { key: 'ruled' })).toEqual({ policy });
    await expect(call('keys.scheduleDeletion', { key: 'ruled', days: 7 })).rejects.toMatchObject({
      code: 'AccessDeniedException',
    });
    const nobody = policyOf({ ...everything, Principal: { AWS: `${account}:user/cli` } });
    await expect(call('keys.putPolicy', { key: 'ruled', policy: nobody })).rejects.toMatchObject({
      code: 'MalformedPolicyDocumentException',
    });
    expect(await call('keys.policy', { key: 'ruled' })).toEqual({ policy });
  });
});

describe('grants', () => {
  const clerk = 'arn:aws:iam::000000000000:user/clerk';

  it('are made for a user by name, listed, and ended both ways', async () => {
    await call('keys.create', { alias: 'granted', description: '' });
    const Statement = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement });
    await call('clients.create', { name: 'clerk', policy });
    const made = await call('keys.createGrant', {
      key: 'granted',
      grantee: 'clerk',
      retiring: 'owner',
      operations: ['Decrypt'],
      subset: { matter: 'M-1' },
      name: 'for-the-clerk',
    });
    expect((await call('keys.grants', { key: 'granted' })).grants).toMatchObject([
      {
        grantId: made.grantId,
        grantee: clerk,
        operations: ['Decrypt'],
        subset: { matter: 'M-1' },
        name: 'for-the-clerk',
      },
    ]);
    const asked = await call('keys.explain', {
      key: 'granted',
      principal: 'clerk',
      action: 'Decrypt',
      context: { matter: 'M-1' },
    });
    expect(asked).toMatchObject({ allowed: true, by: 'grant', grantId: made.grantId });
    await call('keys.retireGrant', { key: 'granted', grantId: made.grantId });
    const second = await call('keys.createGrant', {
      key: 'granted',
      grantee: clerk,
      operations: ['Encrypt'],
    });
    await call('keys.revokeGrant', { key: 'granted', grantId: second.grantId });
    expect(await call('keys.grants', { key: 'granted' })).toEqual({ grants: [], more: false });
  });
});
