import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { GrantRows } from '../../../src/main/kms/access/grant-rows.ts';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import type { Caller } from '../../../src/main/kms/types.ts';
import type { Json } from '../../../src/shared/errors.ts';
import { tamper } from '../store/support.ts';
import {
  codeOf,
  newVault as emptyVault,
  newKey,
  OWNER,
  refusal,
  type TestVault,
  withUsers,
} from './support.ts';

const user = (name: string): Caller => ({
  principal: `arn:aws:iam::000000000000:user/${name}`,
  client: 'sdk',
});
const [app, other] = [user('app'), user('other')];

/** A vault with the users that these tests name. */
const newVault = () => withUsers(emptyVault(), 'app', 'other', 'third', 'a', 'b');

const encrypts = (vault: TestVault, KeyId: string, EncryptionContext = {}, caller = app) =>
  codeOf(vault.kms.Encrypt(caller, { KeyId, Plaintext: Buffer.from('x'), EncryptionContext }));

describe('a grant', () => {
  it('allows its grantee its operations at once, and nothing once it is revoked', async () => {
    const vault = newVault();
    const { arn, id } = await newKey(vault);
    expect(await encrypts(vault, arn)).toBe('AccessDeniedException');
    const { GrantId, GrantToken } = await vault.kms.CreateGrant(OWNER, {
      KeyId: arn,
      GranteePrincipal: app.principal,
      Operations: ['Encrypt'],
    });
    expect(GrantId).toMatch(/^[0-9a-f]{64}$/);
    expect(await encrypts(vault, arn)).toBe('none');
    expect(await encrypts(vault, arn, {}, other)).toBe('AccessDeniedException');
    expect(await codeOf(vault.kms.DescribeKey(app, { KeyId: arn }))).toBe('AccessDeniedException');
    expect(await vault.kms.ListGrants(OWNER, { KeyId: id })).toEqual({
      Grants: [
        {
          KeyId: arn,
          GrantId,
          CreationDate: new Date(vault.clock.now()),
          GranteePrincipal: app.principal,
          IssuingAccount: 'arn:aws:iam::000000000000:root',
          Operations: ['Encrypt'],
        },
      ],
      Truncated: false,
    });
    expect(GrantToken).not.toContain(GrantId);
    await vault.kms.RevokeGrant(OWNER, { KeyId: arn, GrantId });
    expect(await encrypts(vault, arn)).toBe('AccessDeniedException');
    expect(await codeOf(vault.kms.RevokeGrant(OWNER, { KeyId: arn, GrantId }))).toBe('NotFoundException');
  });

  it.each([
    ['EncryptionContextSubset', { customer: 'acme' }, { customer: 'acme', part: '1' }, 'none'],
    ['EncryptionContextSubset', { customer: 'acme' }, { customer: 'Acme' }, 'AccessDeniedException'],
    ['EncryptionContextSubset', { customer: 'acme' }, {}, 'AccessDeniedException'],
    ['EncryptionContextEquals', { customer: 'acme' }, { customer: 'acme' }, 'none'],
    [
      'EncryptionContextEquals',
      { customer: 'acme' },
      { customer: 'acme', part: '1' },
      'AccessDeniedException',
    ],
  ])('constrained by %s %j, used with %j: %s', async (kind, wanted, context, code) => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    await vault.kms.CreateGrant(OWNER, {
      KeyId: arn,
      GranteePrincipal: app.principal,
      Operations: ['Encrypt', 'DescribeKey'],
      Constraints: { [kind]: wanted },
    });
    expect(await encrypts(vault, arn, context)).toBe(code);
    // There is no context to ask about, so the constraint does not count.
    await vault.kms.DescribeKey(app, { KeyId: arn });
  });

  it('is one and the same for a second call of that name and input, with another token', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const input = {
      KeyId: arn,
      GranteePrincipal: app.principal,
      Operations: ['Encrypt', 'Decrypt'],
      Name: 'nightly',
    };
    const first = await vault.kms.CreateGrant(OWNER, input);
    const second = await vault.kms.CreateGrant(OWNER, { ...input, Operations: ['Decrypt', 'Encrypt'] });
    expect(second.GrantId).toBe(first.GrantId);
    expect(second.GrantToken).not.toBe(first.GrantToken);
    const third = await vault.kms.CreateGrant(OWNER, { ...input, Operations: ['Decrypt'] });
    expect(third.GrantId).not.toBe(first.GrantId);
    const { Name: _none, ...unnamed } = input;
    const [fourth, fifth] = [
      await vault.kms.CreateGrant(OWNER, unnamed),
      await vault.kms.CreateGrant(OWNER, unnamed),
    ];
    expect(fourth.GrantId).not.toBe(fifth.GrantId);
  });

  it('is retired by its retiring principal, by a grantee that may, or by the account; by no one else', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const make = (Operations: string[], retiring = {}) =>
      vault.kms.CreateGrant(OWNER, { KeyId: arn, GranteePrincipal: app.principal, Operations, ...retiring });
    const one = await make(['Encrypt'], { RetiringPrincipal: other.principal });
    expect(await codeOf(vault.kms.RetireGrant(app, { GrantToken: one.GrantToken }))).toBe(
      'AccessDeniedException',
    );
    await vault.kms.RetireGrant(other, { GrantToken: one.GrantToken });
    const two = await make(['Encrypt', 'RetireGrant']);
    expect(await codeOf(vault.kms.RetireGrant(other, { KeyId: arn, GrantId: two.GrantId }))).toBe(
      'AccessDeniedException',
    );
    await vault.kms.RetireGrant(app, { KeyId: arn, GrantId: two.GrantId });
    const three = await make(['Encrypt']);
    await vault.kms.RetireGrant(OWNER, { GrantToken: three.GrantToken });
    expect((await vault.kms.ListGrants(OWNER, { KeyId: arn })).Grants).toEqual([]);
    expect(await codeOf(vault.kms.RetireGrant(OWNER, { GrantToken: three.GrantToken }))).toBe(
      'NotFoundException',
    );
  });

  it.each([
    [{ GrantToken: 'AAAA' }, 'InvalidGrantTokenException'],
    [{}, 'ValidationException'],
    [{ KeyId: 'alias/a', GrantId: 'x' }, 'InvalidArnException'],
    [{ GrantToken: 'AAAA', GrantId: 'x' }, 'ValidationException'],
  ])('is not retired by %j', async (input, code) => {
    expect(await codeOf(newVault().kms.RetireGrant(OWNER, input))).toBe(code);
  });

  it('lets its grantee pass on no more than it allows', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    await vault.kms.CreateGrant(OWNER, {
      KeyId: arn,
      GranteePrincipal: app.principal,
      Operations: ['CreateGrant', 'Encrypt'],
      Constraints: { EncryptionContextSubset: { customer: 'acme' } },
    });
    const pass = (Operations: string[], Constraints?: object) =>
      codeOf(
        vault.kms.CreateGrant(app, {
          KeyId: arn,
          GranteePrincipal: other.principal,
          Operations,
          ...(Constraints === undefined ? {} : { Constraints }),
        }),
      );
    const same = { EncryptionContextSubset: { customer: 'acme' } };
    const acme = { customer: 'acme' };
    expect(await pass(['Decrypt'], same)).toBe('AccessDeniedException');
    expect(await pass(['Encrypt'])).toBe('AccessDeniedException');
    expect(await pass(['Encrypt'], { EncryptionContextSubset: { customer: 'x' } })).toBe(
      'AccessDeniedException',
    );
    expect(await encrypts(vault, arn, acme, other)).toBe('AccessDeniedException');
    expect(await pass(['Encrypt'], { EncryptionContextEquals: { customer: 'acme', part: '1' } })).toBe(
      'none',
    );
    expect(await encrypts(vault, arn, acme, other)).toBe('AccessDeniedException');
    expect(await pass(['Encrypt'], same)).toBe('none');
    expect(await encrypts(vault, arn, acme, other)).toBe('none');
  });

  it('is passed on where one of several allows as much, whichever is found first', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    for (const customer of ['a', 'b', 'c', 'd']) {
      for (const operation of ['Encrypt', 'Decrypt']) {
        await vault.kms.CreateGrant(OWNER, {
          KeyId: arn,
          GranteePrincipal: app.principal,
          Operations: ['CreateGrant', operation],
          Constraints: { EncryptionContextSubset: { customer } },
        });
      }
    }
    const pass = (Operations: string[], pairs: Record<string, string>) =>
      refusal(
        vault.kms.CreateGrant(app, {
          KeyId: arn,
          GranteePrincipal: other.principal,
          Operations,
          Constraints: { EncryptionContextSubset: pairs },
        }),
      );
    for (const customer of ['a', 'b', 'c', 'd']) {
      expect((await pass(['Encrypt'], { customer })).code, customer).toBe('none');
      expect((await pass(['Decrypt'], { customer })).code, customer).toBe('none');
      expect(await pass(['Encrypt', 'Decrypt'], { customer })).toMatchObject({
        code: 'AccessDeniedException',
        message: expect.stringMatching(/doesn't allow (?:Encrypt|Decrypt)\.$/),
      });
    }
    expect((await pass(['Encrypt'], { customer: 'e' })).code).toBe('AccessDeniedException');
  });

  it('is constrained by a pair of any name, __proto__ too', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const pair: { [name: string]: string } = JSON.parse('{"__proto__": "x"}');
    await vault.kms.CreateGrant(OWNER, {
      KeyId: arn,
      GranteePrincipal: app.principal,
      Operations: ['Encrypt'],
      Constraints: { EncryptionContextSubset: pair },
    });
    expect(await encrypts(vault, arn)).toBe('AccessDeniedException');
    expect(await encrypts(vault, arn, pair)).toBe('none');
    const { Grants } = await vault.kms.ListGrants(OWNER, { KeyId: arn });
    expect(Object.entries(Grants[0]?.Constraints?.EncryptionContextSubset ?? {})).toEqual([
      ['__proto__', 'x'],
    ]);
  });

  it('goes with a shredded key', async () => {
    const vault = newVault();
    const { id } = await newKey(vault);
    await vault.kms.CreateGrant(OWNER, {
      KeyId: id,
      GranteePrincipal: app.principal,
      Operations: ['Encrypt'],
    });
    await vault.kms.ScheduleKeyDeletion(OWNER, { KeyId: id, PendingWindowInDays: 7 });
    for (const days of [7, 1]) {
      vault.clock.advance(days * 86_400_000);
      vault.kms.runUnlockMaintenance(OWNER, undefined);
    }
    expect(vault.store.read((tx) => vault.records.count(tx, 'grants'))).toBe(0);
  });
});

describe('CreateGrant', () => {
  it.each([
    ['a wrong operation', { Operations: ['Fly'] }, 'ValidationException'],
    ['no operations', { Operations: [] }, 'ValidationException'],
    ['an operation of other keys', { Operations: ['Sign'] }, 'ValidationException'],
    ['a grantee that is no ARN', { GranteePrincipal: 'app' }, 'InvalidArnException'],
    ['a retiring principal that is no ARN', { RetiringPrincipal: '*' }, 'InvalidArnException'],
    ['a name with spaces', { Name: 'a b' }, 'ValidationException'],
    [
      'two constraints',
      { Constraints: { EncryptionContextEquals: { a: 'b' }, EncryptionContextSubset: { c: 'd' } } },
      'ValidationException',
    ],
    [
      'nine pairs',
      {
        Constraints: {
          EncryptionContextSubset: Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`k${n}`, 'v'])),
        },
      },
      'ValidationException',
    ],
    [
      'a long value in a pair',
      { Constraints: { EncryptionContextEquals: { a: 'b'.repeat(385) } } },
      'ValidationException',
    ],
    ['DryRun', { DryRun: true }, 'DryRunOperationException'],
  ])('refuses %s', async (_what, given, code) => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const input = { KeyId: arn, GranteePrincipal: app.principal, Operations: ['Encrypt'], ...given };
    expect(await codeOf(vault.kms.CreateGrant(OWNER, input))).toBe(code);
    expect((await vault.kms.ListGrants(OWNER, { KeyId: arn })).Grants).toEqual([]);
  });

  it('names an operation of other keys once, however often it stands there', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const Operations = Array.from({ length: 1_000 }, () => 'Sign');
    const input = { KeyId: arn, GranteePrincipal: app.principal, Operations };
    expect((await refusal(vault.kms.CreateGrant(OWNER, input))).message).toMatch(/can't allow Sign\.$/);
  });

  it('refuses constraints that it does not know, and passes none of them over', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const asked = (Constraints: { [name: string]: Json }) =>
      codeOf(
        dispatch(vault.kms, OWNER, 'CreateGrant', {
          ...{ KeyId: arn, GranteePrincipal: app.principal, Operations: ['Encrypt'] },
          Constraints,
        }),
      );
    const pairs = { EncryptionContextSubset: { a: 'b' } };
    expect(await asked({ ...pairs, SourceArn: arn })).toBe('UnsupportedOperationException');
    expect(await asked({ ...pairs, EncryptionContextSuperset: { a: 'b' } })).toBe(
      'UnsupportedOperationException',
    );
    expect(await asked({ EncryptionContextSubset: 'a=b' })).toBe('SerializationException');
    expect((await vault.kms.ListGrants(OWNER, { KeyId: arn })).Grants).toEqual([]);
    expect(await asked(pairs)).toBe('none');
  });

  it('refuses one grant more than a key can have, also where it is only tried', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const input = { KeyId: arn, GranteePrincipal: app.principal, Operations: ['Encrypt'], Name: 'one' };
    await vault.kms.CreateGrant(OWNER, input);
    const count = vi.spyOn(GrantRows.prototype, 'count').mockReturnValue(50_000);
    onTestFinished(() => count.mockRestore());
    for (const DryRun of [false, true]) {
      const another = vault.kms.CreateGrant(OWNER, { ...input, Name: 'two', DryRun });
      expect(await codeOf(another)).toBe('LimitExceededException');
    }
    expect(await codeOf(vault.kms.CreateGrant(OWNER, input))).toBe('none');
    expect(await codeOf(vault.kms.CreateGrant(OWNER, { ...input, DryRun: true }))).toBe(
      'DryRunOperationException',
    );
  });

  it('refuses constraints on keys without a context, and keys that may not be used', async () => {
    const vault = newVault();
    const { KeyMetadata } = await vault.kms.CreateKey(OWNER, {
      KeySpec: 'HMAC_256',
      KeyUsage: 'GENERATE_VERIFY_MAC',
    });
    const input = { KeyId: KeyMetadata.Arn, GranteePrincipal: app.principal, Operations: ['GenerateMac'] };
    const Constraints = { EncryptionContextSubset: { a: 'b' } };
    expect(await codeOf(vault.kms.CreateGrant(OWNER, { ...input, Constraints }))).toBe('ValidationException');
    await vault.kms.DisableKey(OWNER, { KeyId: KeyMetadata.Arn });
    expect(await codeOf(vault.kms.CreateGrant(OWNER, input))).toBe('DisabledException');
  });
});

describe('lists of grants', () => {
  it('come in pages, of one grantee, of one id, and of what a principal may retire', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const ids: string[] = [];
    for (const grantee of ['a', 'a', 'b']) {
      const { GrantId } = await vault.kms.CreateGrant(OWNER, {
        KeyId: arn,
        GranteePrincipal: user(grantee).principal,
        RetiringPrincipal: other.principal,
        Operations: ['Encrypt'],
      });
      ids.push(GrantId);
    }
    const idsOf = (list: { Grants: { GrantId: string }[] }) =>
      list.Grants.map(({ GrantId }) => GrantId).sort();
    const first = await vault.kms.ListGrants(OWNER, { KeyId: arn, Limit: 2 });
    expect(first.Truncated).toBe(true);
    const Marker = first.NextMarker ?? '';
    const second = await vault.kms.ListGrants(OWNER, { KeyId: arn, Marker });
    expect([...idsOf(first), ...idsOf(second)].sort()).toEqual([...ids].sort());
    const GranteePrincipal = user('a').principal;
    expect(idsOf(await vault.kms.ListGrants(OWNER, { KeyId: arn, GranteePrincipal }))).toEqual(
      ids.slice(0, 2).sort(),
    );
    const GrantId = ids[2] ?? '';
    expect(idsOf(await vault.kms.ListGrants(OWNER, { KeyId: arn, GrantId }))).toEqual([GrantId]);
    expect(await codeOf(vault.kms.ListGrants(OWNER, { KeyId: arn, GrantId: 'x' }))).toBe(
      'InvalidGrantIdException',
    );
    const RetiringPrincipal = other.principal;
    expect(idsOf(await vault.kms.ListRetirableGrants(OWNER, { RetiringPrincipal }))).toEqual([...ids].sort());
  });

  it('read no more grants than their page has', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const [GranteePrincipal, RetiringPrincipal] = [app.principal, other.principal];
    const make = (Name: string) =>
      vault.kms.CreateGrant(OWNER, {
        ...{ KeyId: arn, GranteePrincipal, RetiringPrincipal, Name },
        Operations: ['Encrypt'],
      });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await make(name);
    const lists = [
      (page: object) => vault.kms.ListGrants(OWNER, { KeyId: arn, ...page }),
      (page: object) => vault.kms.ListGrants(OWNER, { KeyId: arn, GranteePrincipal, ...page }),
      (page: object) => vault.kms.ListRetirableGrants(OWNER, { RetiringPrincipal, ...page }),
    ];
    const { Grants: all } = await vault.kms.ListRetirableGrants(OWNER, { RetiringPrincipal });
    const damage = `UPDATE records SET mac = x'00' WHERE room = 'grants' AND id LIKE ?`;
    tamper(vault.store.path, damage, `%/${all[4]?.GrantId}`);
    for (const list of lists) {
      const first = await list({ Limit: 3 });
      expect(first.Grants).toEqual(all.slice(0, 3));
      expect(await codeOf(list({ Limit: 3, Marker: first.NextMarker }))).toBe('VaultDamaged');
    }
  });

  it('of what may be retired are in step with what comes, goes and fails, over all keys', async () => {
    const vault = newVault();
    const keys = [await newKey(vault), await newKey(vault), await newKey(vault)];
    const RetiringPrincipal = other.principal;
    const make = (KeyId: string, retiring = {}) =>
      vault.kms.CreateGrant(OWNER, {
        ...{ KeyId, GranteePrincipal: app.principal, Operations: ['Encrypt'] },
        ...retiring,
      });
    const listed = async () => {
      const found: string[] = [];
      for (let page: { Marker?: string } | undefined = {}; page !== undefined; ) {
        const { Grants, NextMarker } = await vault.kms.ListRetirableGrants(OWNER, {
          ...{ RetiringPrincipal, Limit: 1 },
          ...page,
        });
        found.push(...Grants.map(({ KeyId, GrantId }) => `${KeyId} ${GrantId}`));
        page = NextMarker === undefined ? undefined : { Marker: NextMarker };
      }
      return found;
    };
    const kept = new Set<string>();
    for (const { arn } of [...keys, ...keys]) {
      const { GrantId } = await make(arn, { RetiringPrincipal });
      await make(arn);
      await make(arn, { RetiringPrincipal: user('third').principal });
      kept.add(`${arn} ${GrantId}`);
      expect(await listed()).toEqual([...kept].sort());
    }
    const [gone = ''] = kept;
    const [KeyId = '', GrantId = ''] = gone.split(' ');
    vi.spyOn(vault.audit, 'append').mockImplementationOnce(() => {
      throw new Error('no room');
    });
    await expect(vault.kms.RevokeGrant(OWNER, { KeyId, GrantId })).rejects.toThrow('no room');
    expect(await listed()).toEqual([...kept].sort());
    await vault.kms.RevokeGrant(OWNER, { KeyId, GrantId });
    kept.delete(gone);
    expect(await listed()).toEqual([...kept].sort());
  });
});

describe('grant tokens', () => {
  it('may come with a call if they are of this vault, ten at most', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const { GrantToken } = await vault.kms.CreateGrant(OWNER, {
      KeyId: arn,
      GranteePrincipal: app.principal,
      Operations: ['DescribeKey'],
    });
    const call = (GrantTokens: string[]) =>
      refusal(dispatch(vault.kms, app, 'DescribeKey', { KeyId: arn, GrantTokens }));
    expect((await call([GrantToken])).code).toBe('none');
    expect(await call(['AAAA'])).toEqual({
      code: 'InvalidGrantTokenException',
      message: 'Invalid grant token.',
    });
    expect((await call(Array.from({ length: 11 }, () => GrantToken))).code).toBe('ValidationException');
  });
});

describe('explain', () => {
  it('names the statement, the grant, or what was missing', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault, 'alias/a');
    const ask = (principal: string, action: string, more = {}) =>
      vault.kms.explain(OWNER, { KeyId: 'alias/a', principal, action, ...more });
    expect(await ask('cli', 'Encrypt')).toEqual({
      principal: 'arn:aws:iam::000000000000:user/cli',
      action: 'kms:Encrypt',
      resource: arn,
      allowed: true,
      by: 'identity-policy',
      statement: { policy: 'Everything', index: 0, sid: 'Everything' },
      missing: [],
      reason: `Statement "Everything" of the principal's policy "Everything" allows it, and statement "Enable IAM User Permissions" of the key's policy lets the account's own policies decide.`,
    });
    expect(await ask('app', 'Encrypt')).toMatchObject({
      allowed: false,
      by: 'implicit-deny',
      reason: `No statement and no grant allows it. Statement "Enable IAM User Permissions" of the key's policy lets the account's own policies decide, and none of the principal's allows kms:Encrypt.`,
    });
    const { GrantId } = await vault.kms.CreateGrant(OWNER, {
      KeyId: arn,
      GranteePrincipal: app.principal,
      Operations: ['Encrypt'],
      Constraints: { EncryptionContextSubset: { customer: 'acme' } },
    });
    expect(await ask('app', 'Encrypt', { encryptionContext: { customer: 'acme' } })).toMatchObject({
      allowed: true,
      by: 'grant',
      grantId: GrantId,
    });
    expect(await ask('app', 'Encrypt')).toMatchObject({ allowed: false });
    vault.kms.clients.create(OWNER, {
      name: 'helper',
      policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Sid: 'Mornings',
          Effect: 'Allow',
          Action: 'kms:Decrypt',
          Resource: '*',
          Condition: { StringEquals: { 'kms:ViaService': 'backup' } },
        },
      }),
    });
    const near = await ask('helper', 'Decrypt');
    expect(near.reason).toContain(
      'Statement "Mornings" of the principal\'s policy "helper" would allow it but for its condition StringEquals on kms:ViaService (backup): the request has no such key.',
    );
    expect(await ask('helper', 'Decrypt', { conditions: { 'kms:ViaService': 'backup' } })).toMatchObject({
      allowed: true,
    });
    expect(vault.audit.list({ limit: 1 })[0]).toMatchObject({
      eventName: 'ExplainAccess',
      responseElements: { allowed: true },
    });
  });

  it('needs what reading the policy needs', async () => {
    const vault = newVault();
    const { arn } = await newKey(vault);
    const input = { KeyId: arn, principal: 'cli', action: 'Encrypt' };
    expect(await codeOf(vault.kms.explain(app, input))).toBe('AccessDeniedException');
    expect(await codeOf(vault.kms.explain({ ...app, principal: user('auditor').principal }, input))).toBe(
      'none',
    );
    expect(await codeOf(vault.kms.explain(OWNER, { ...input, action: 'no action' }))).toBe(
      'ValidationException',
    );
  });
});
