import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { newVault, OWNER, refusal, type TestVault } from './support.ts';

const row = z.object({ secret: z.string(), accessKeyId: z.string(), policy: z.null(), created: z.number() });

const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*' }],
});

function made(vault: TestVault, name = 'backup', policy: string | null = POLICY) {
  return vault.kms.clients.create(OWNER, { name, policy });
}

const refused = (vault: TestVault, name: string, policy: string | null = null) =>
  refusal((async () => made(vault, name, policy))());

describe('clients of the endpoint', () => {
  it('have an access key whose secret is given once and found by its id', async () => {
    const vault = newVault();
    const client = made(vault);
    expect(client).toEqual({
      accessKeyId: expect.stringMatching(/^KWIA[A-Z2-7]{16}$/),
      secretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      principal: 'arn:aws:iam::000000000000:user/backup',
    });
    const { principal, secretAccessKey } = client;
    expect(vault.kms.clients.principalOf(client.accessKeyId)).toBe(principal);
    expect(vault.kms.clients.secretOf(client.accessKeyId)).toBe(secretAccessKey);
    expect(vault.kms.clients.principalOf('KWIAAAAAAAAAAAAAAAAA')).toBeUndefined();
    expect(vault.kms.clients.secretOf('KWIAAAAAAAAAAAAAAAAA')).toBeUndefined();
    expect(made(vault, 'other').secretAccessKey).not.toBe(secretAccessKey);
    const listed = await vault.kms.clients.list(OWNER);
    expect(listed.map(({ name, policy }) => [name, policy])).toEqual([
      ['backup', POLICY],
      ['other', POLICY],
    ]);
    expect(JSON.stringify(listed)).not.toContain(secretAccessKey);
  });

  it('keep their secret out of database and log', () => {
    const vault = newVault();
    const { secretAccessKey, accessKeyId } = made(vault, 'backup', null);
    const entries = JSON.stringify(vault.audit.list({ limit: 10 }));
    expect(entries).toContain(accessKeyId);
    expect(entries).not.toContain(secretAccessKey);
    const rows = vault.store.read((tx) => tx.all<{ body: Buffer }>('SELECT body FROM records'));
    expect(rows.length).toBeGreaterThan(1);
    const forms = [secretAccessKey, Buffer.from(secretAccessKey).toString('base64')];
    for (const { body } of rows) for (const form of forms) expect(body.toString()).not.toContain(form);
  });

  it('are found no more once revoked, and stay in the list without a secret', async () => {
    const vault = newVault();
    const { accessKeyId } = made(vault);
    vault.clock.advance(1_000);
    const revoked = vault.kms.clients.revoke(OWNER, 'backup');
    expect(revoked.revoked?.getTime()).toBe(vault.clock.now());
    expect(vault.kms.clients.principalOf(accessKeyId)).toBeUndefined();
    expect(vault.kms.clients.secretOf(accessKeyId)).toBeUndefined();
    vault.clock.advance(1_000);
    expect(vault.kms.clients.revoke(OWNER, 'backup')).toEqual(revoked);
    expect(await vault.kms.clients.list(OWNER)).toEqual([revoked]);
    const rows = vault.store.read((tx) =>
      tx.all<{ body: Buffer }>("SELECT body FROM records WHERE room = 'clients'"),
    );
    expect(rows.map(({ body }) => body.toString().includes('secret'))).toEqual([false]);
    expect(await refusal((async () => vault.kms.clients.revoke(OWNER, 'nobody'))())).toEqual({
      code: 'NotFoundException',
      message: 'There is no client called nobody.',
    });
  });

  it('have names that are their own for good, whatever their case', async () => {
    const vault = newVault();
    made(vault, 'Backup');
    vault.kms.clients.revoke(OWNER, 'Backup');
    for (const name of ['Backup', 'backup', 'BACKUP']) {
      expect((await refused(vault, name)).code).toBe('AlreadyExistsException');
    }
    for (const name of ['root', 'owner', 'cli', 'operator', 'auditor', 'Owner']) {
      expect(await refused(vault, name), name).toMatchObject({
        code: 'ValidationException',
        message: expect.stringContaining('reserved'),
      });
    }
    for (const name of ['', 'a/b', 'a b', 'a*', 'ä', 'a\n', 'x'.repeat(65)]) {
      expect((await refused(vault, name)).code, JSON.stringify(name)).toBe('ValidationException');
    }
    expect(made(vault, `+=,.@_-${'x'.repeat(57)}`).principal).toContain('user/+=,.@_-xxx');
  });

  it('have a sound identity policy or none', async () => {
    const vault = newVault();
    const withPrincipal = POLICY.replace('"Action"', '"Principal":"*","Action"');
    for (const policy of ['', '{}', '[]', withPrincipal]) {
      expect((await refused(vault, 'one', policy)).code, policy).toBe('MalformedPolicyDocumentException');
    }
    expect(await vault.kms.clients.list(OWNER)).toEqual([]);
  });

  it('are in the log with what was asked for, refusals too', async () => {
    const vault = newVault();
    const { accessKeyId, principal } = made(vault);
    await refused(vault, 'backup');
    await vault.kms.clients.list(OWNER);
    vault.kms.clients.revoke(OWNER, 'backup');
    const entries = vault.audit.list({ limit: 10 }).reverse();
    expect(entries).toMatchObject([
      {
        eventName: 'CreateClient',
        eventType: 'KeywardEvent',
        readOnly: false,
        requestParameters: { name: 'backup', policy: POLICY },
        responseElements: { principal, accessKeyId },
      },
      { eventName: 'CreateClient', errorCode: 'AlreadyExistsException' },
      { eventName: 'ListClients', readOnly: true },
      { eventName: 'RevokeClient', readOnly: false, requestParameters: { name: 'backup' } },
    ]);
  });

  it('are bound to their name, access key and vault', async () => {
    const vault = newVault();
    const one = made(vault, 'one', null);
    const two = made(vault, 'two', null);
    // With the row keys, somebody could swap two clients' rows; not with their sealed secrets in them.
    const body = (name: string) => vault.store.read((tx) => vault.records.get(tx, 'clients', name, row));
    const [first, second] = [body('one'), body('two')];
    if (first === undefined || second === undefined) throw new Error('a client is missing');
    vault.store.write((tx) => vault.records.put(tx, 'clients', 'one', { ...first, secret: second.secret }));
    expect(await refusal((async () => vault.kms.clients.secretOf(one.accessKeyId))())).toMatchObject({
      code: 'VaultDamaged',
      message: expect.stringContaining('clients/one'),
    });
    expect(vault.kms.clients.secretOf(two.accessKeyId)).toBe(two.secretAccessKey);
  });
});
