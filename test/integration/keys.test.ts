import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';
import { entryTexts } from '../unit/audit/support.ts';

const vault = await oneVault();

let made = 0;
async function newKey(): Promise<{ alias: string; keyId: string; arn: string; version: string }> {
  const alias = `alias/key-${++made}`;
  const key = await vault.call('keys.create', { alias, description: 'For tests' });
  return { alias, keyId: key.keyId, arn: key.arn, version: key.currentVersion };
}

async function encrypted(name: string, key?: string): Promise<string> {
  writeFileSync(vault.path(name), `content of ${name}`);
  const result = only(await vault.encrypt(vault.path(name), key === undefined ? {} : { key }));
  expect(result.error).toBeUndefined();
  return result.output ?? '';
}

async function slotOf(file: string): Promise<{ key: string | null; version: string | null }> {
  const { slots } = await vault.call('files.inspect', { source: file });
  expect(slots).toHaveLength(1);
  return { key: slots[0]?.key ?? null, version: slots[0]?.version ?? null };
}

describe('pitfall 41: a disabled key', () => {
  it('refuses to encrypt, decrypt, verify and rewrap by id, ARN, alias and bare name; enabled it works', async () => {
    const { alias, keyId, arn } = await newKey();
    const file = await encrypted('a', alias);
    const aliasArn = arn.replace(/key\/.*/, alias);
    await vault.call('keys.disable', { key: alias });
    for (const key of [keyId, arn, alias, aliasArn, alias.slice('alias/'.length)]) {
      writeFileSync(vault.path('b'), 'x');
      const result = only(await vault.encrypt(vault.path('b'), { key }));
      expect(result.error?.code, key).toBe('DisabledException');
    }
    rmSync(vault.path('b'));
    expect(only(await vault.decrypt(file, { overwrite: true })).error?.code).toBe('DisabledException');
    expect((await vault.verify(file)).error?.code).toBe('DisabledException');
    const before = readFileSync(file);
    const { results } = await vault.call('files.rewrap', { sources: [file], each: false, key: 'my-files' });
    expect(only(results).error?.code).toBe('DisabledException');
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(vault.list()).toEqual(['a', 'a.keyward']);

    const denied = await vault.call('audit.list', { limit: 1 });
    expect(denied.entries[0]).toMatchObject({ errorCode: 'DisabledException', file });
    await vault.call('keys.enable', { key: alias });
    rmSync(vault.path('a'));
    expect(only(await vault.decrypt(file)).status).toBe('done');
  });

  it('and one pending deletion too, until that is taken back and it is enabled again', async () => {
    const { alias } = await newKey();
    const file = await encrypted('b', alias);
    rmSync(vault.path('b'));
    const going = await vault.call('keys.scheduleDeletion', { key: alias, days: 7 });
    expect(going).toMatchObject({ state: 'PendingDeletion', deletionDate: expect.any(String) });
    const refused = only(await vault.decrypt(file));
    expect(refused.error).toMatchObject({ code: 'KMSInvalidStateException' });
    expect(await vault.call('keys.cancelDeletion', { key: alias })).toMatchObject({ state: 'Disabled' });
    await vault.call('keys.enable', { key: alias });
    expect(only(await vault.decrypt(file)).status).toBe('done');
  });

  it('tells when it rotates by itself', async () => {
    const { alias } = await newKey();
    const set = await vault.call('keys.setRotation', { key: alias, days: 90 });
    expect(set.rotation).toMatchObject({ days: 90 });
    expect(await vault.call('keys.setRotation', { key: alias, days: null })).not.toHaveProperty('rotation');
  });

  it('as the target of a rewrap refuses too, and the file keeps its header', async () => {
    const { alias } = await newKey();
    const file = await encrypted('a');
    const before = readFileSync(file);
    await vault.call('keys.disable', { key: alias });
    const { results } = await vault.call('files.rewrap', { sources: [file], each: false, key: alias });
    expect(only(results).error?.code).toBe('DisabledException');
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('a managed key', () => {
  it('is made when files are first encrypted under it, or when it becomes the default', async () => {
    const names = async () => (await vault.call('keys.list', {})).keys.flatMap(({ aliases }) => aliases);
    expect(await names()).not.toContain('alias/keyward/files');
    const file = await encrypted('managed', 'keyward/files');
    expect(await names()).toContain('alias/keyward/files');
    const described = await vault.call('keys.describe', { key: 'keyward/files' });
    expect(described).toMatchObject({ managed: true, rotation: { days: 365 } });
    expect((await slotOf(file)).key).toBe(described.keyId);
    const before = await vault.call('config.list', {});
    const settings = await vault.call('config.set', { name: 'default-key', value: 'keyward/files' });
    expect(settings['default-key']).toBe('alias/keyward/files');
    expect((await slotOf(await encrypted('default'))).key).toBe(described.keyId);
    await vault.call('config.set', { name: 'default-key', value: before['default-key'] });
    rmSync(vault.path('managed'));
    expect(only(await vault.decrypt(file)).status).toBe('done');
  });
});

describe('a version that is revoked', () => {
  it('opens no file, says which version it is, and stays closed to a rewrap; others open', async () => {
    const { alias, version } = await newKey();
    const old = await encrypted('old', alias);
    await vault.call('keys.rotate', { key: alias });
    const now = await encrypted('now', alias);
    rmSync(vault.path('old'));
    rmSync(vault.path('now'));
    const set = await vault.call('keys.setVersion', {
      key: alias,
      version: version.slice(0, 12),
      enabled: false,
    });
    expect(set.history).toMatchObject([
      { version, current: false, disabledAt: expect.any(String) },
      { current: true },
    ]);
    expect(set.history[1]).not.toHaveProperty('disabledAt');
    const refused = only(await vault.decrypt(old)).error;
    expect(refused).toMatchObject({ code: 'DisabledException' });
    expect(refused?.message).toContain(`Version ${version} of `);
    const { results } = await vault.call('files.rewrap', { sources: [old], each: false });
    expect(only(results).error?.code).toBe('DisabledException');
    expect(only(await vault.decrypt(now)).status).toBe('done');
    await vault.call('keys.setVersion', { key: alias, version, enabled: true });
    expect(only(await vault.decrypt(old)).status).toBe('done');
  });

  it('opens no AWS message either', async () => {
    const { alias, version } = await newKey();
    writeFileSync(vault.path('note'), 'x');
    const sealed = only(await vault.encrypt(vault.path('note'), { key: alias, aws: { suite: '0478' } }));
    expect(sealed.error).toBeUndefined();
    await vault.call('keys.rotate', { key: alias });
    await vault.call('keys.setVersion', { key: alias, version, enabled: false });
    rmSync(vault.path('note'));
    const refused = only(await vault.decrypt(sealed.output ?? '')).error;
    expect(refused?.message).toContain(`Version ${version} of `);
  });
});

describe('pitfall 42: aliases', () => {
  it('are for writing only: the default may move on, a file opens by the key in its header', async () => {
    const first = await newKey();
    const second = await newKey();
    await vault.call('config.set', { name: 'default-key', value: first.alias });
    const old = await encrypted('old');
    await vault.call('config.set', { name: 'default-key', value: second.alias });
    const young = await encrypted('young');
    expect((await slotOf(old)).key).toBe(first.keyId);
    expect((await slotOf(young)).key).toBe(second.keyId);
    for (const file of [old, young]) expect((await vault.verify(file)).status).toBe('done');
    await vault.call('config.set', { name: 'default-key', value: 'alias/my-files' });
  });

  it('a rewrap takes an alias with or without its prefix, an id or an ARN as its target', async () => {
    const file = await encrypted('a');
    for (const form of ['alias', 'keyId', 'arn'] as const) {
      const key = await newKey();
      const { results } = await vault.call('files.rewrap', { sources: [file], each: false, key: key[form] });
      expect(only(results).status).toBe('done');
      expect(await slotOf(file)).toEqual({ key: key.keyId, version: key.version });
      expect((await vault.verify(file)).status).toBe('done');
    }
    const { alias, keyId } = await newKey();
    const short = alias.replace('alias/', '');
    await vault.call('files.rewrap', { sources: [file], each: false, key: short });
    expect((await slotOf(file)).key).toBe(keyId);
  });

  it('reserved and unknown names are refused', async () => {
    for (const alias of ['alias/keyward/x', 'alias/aws/s3', 'alias/']) {
      await expect(vault.call('keys.create', { alias, description: '' })).rejects.toThrow();
    }
    writeFileSync(vault.path('a'), 'x');
    const result = only(await vault.encrypt(vault.path('a'), { key: 'nobody' }));
    expect(result.error?.code).toBe('NotFoundException');
    expect(vault.list()).toEqual(['a']);
  });
});

describe('pitfall 43: versions', () => {
  it('after twelve rotations every old file opens, by the version that its header names', async () => {
    const { alias, keyId, version } = await newKey();
    const versions = [version];
    const files = [await encrypted('0', alias)];
    for (let i = 1; i <= 12; i++) {
      versions.push((await vault.call('keys.rotate', { key: alias })).currentVersion);
      files.push(await encrypted(String(i), alias));
    }
    expect(new Set(versions).size).toBe(13);
    await vault.reopen();
    for (const [i, file] of files.entries()) {
      expect(await slotOf(file)).toEqual({ key: keyId, version: versions[i] });
      rmSync(vault.path(String(i)));
      expect(only(await vault.decrypt(file)).status).toBe('done');
      expect(readFileSync(vault.path(String(i)), 'utf8')).toBe(`content of ${i}`);
    }
    // One Decrypt each and none denied: the version was not found by trying.
    const { entries } = await vault.call('audit.list', { limit: files.length, event: 'Decrypt' });
    expect(entries.map(({ file }) => file)).toEqual([...files].reverse());
    expect(entries.every(({ errorCode }) => errorCode === undefined)).toBe(true);

    await vault.call('files.rewrap', { sources: files, each: false });
    for (const file of files) expect((await slotOf(file)).version).toBe(versions.at(-1));
  });

  it('a slot that names another version than the one inside is not opened by luck', async () => {
    const { alias } = await newKey();
    const file = await encrypted('a', alias);
    const { version } = await slotOf(file);
    const next = (await vault.call('keys.rotate', { key: alias })).currentVersion;
    const whole = readFileSync(file);
    const slot = whole.indexOf(Buffer.from(version ?? '', 'hex'));
    const blob = whole.indexOf(Buffer.from(version ?? '', 'hex'), slot + 1);
    expect(blob).toBeLessThan(4096);
    for (const places of [[slot], [blob], [slot, blob]]) {
      const bytes = Buffer.from(whole);
      for (const copy of [0, 4096]) {
        for (const at of places) bytes.write(next, copy + at, 'hex');
        // Anyone can make the checksum hold; it is the key core that must not be fooled.
        const sum = createHash('sha256')
          .update(bytes.subarray(copy, copy + 4096 - 32))
          .digest();
        sum.copy(bytes, copy + 4096 - 32);
      }
      writeFileSync(file, bytes);
      expect((await vault.verify(file)).error?.code).toBe('FileDamaged');
    }
  });
});

describe('the audit log', () => {
  it('has one entry for each data key made or opened, with file and message id, before the file is there', async () => {
    const file = await encrypted('a');
    const { messageId } = await vault.call('files.inspect', { source: file });
    rmSync(vault.path('a'));
    await vault.decrypt(file);
    await vault.call('files.rewrap', { sources: [file], each: false });
    const { entries } = await vault.call('audit.list', { limit: 3 });
    expect(entries.map(({ eventName }) => eventName)).toEqual([
      'RewrapDataKey',
      'Decrypt',
      'GenerateDataKey',
    ]);
    expect(entries.map((entry) => entry.file)).toEqual([file, file, vault.path('a')]);
    for (const { requestParameters } of entries) {
      expect(JSON.stringify(requestParameters)).toContain(messageId);
    }
    // No name stands in the database in clear.
    await vault.reopen(() => {
      const stored = readFileSync(`${vault.home}/vault.db`).toString('latin1');
      const entries = entryTexts(`${vault.home}/vault.db`).join('\n');
      for (const text of [stored, entries]) expect(text).not.toContain('a.keyward');
      expect(entries).toContain(messageId);
    });
    expect((await vault.call('audit.verify', {})).ok).toBe(true);
  });
});
