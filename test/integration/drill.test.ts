import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LiveVault, only } from '../support/live-vault.ts';

let vault: LiveVault;
let stick: string;
beforeAll(async () => {
  vault = await LiveVault.make(tmpdir(), false);
  stick = mkdtempSync(join(tmpdir(), 'keyward-stick-'));
  writeFileSync(vault.path('file'), 'content');
  only(await vault.encrypt(vault.path('file')));
});
afterAll(async () => {
  await vault.end();
  rmSync(stick, { recursive: true, force: true });
});

const scratch = () => join(vault.home, 'drill');
const drill = (phrase = vault.phrase, files?: string[]) =>
  vault.call('backup.drill', { phrase, ...(files === undefined ? {} : { files }) });

describe('the recovery drill', () => {
  it('needs a backup', async () => {
    await expect(drill()).rejects.toMatchObject({ code: 'BackupNotFound' });
  });

  it('opens a file of the catalog by backup and phrase, dates it, and leaves nothing', async () => {
    const { path } = await vault.call('backup.create', { folder: stick });
    expect(await drill()).toMatchObject({ backup: { path }, keys: 1, files: [vault.path('file.keyward')] });
    expect(existsSync(scratch())).toBe(false);
    const { backups } = await vault.call('vault.status', {});
    expect(backups?.drill?.at.slice(0, 4)).toBe(String(new Date().getUTCFullYear()));
    expect((await vault.call('audit.list', { event: 'RecoveryDrill', limit: 5 })).entries).toHaveLength(1);
  });

  it('fails with another phrase, and for a file under a key that the backup lacks', async () => {
    const { phrase } = await vault.call('protectors.newPhrase', {});
    await expect(drill(phrase)).rejects.toMatchObject({ code: 'WrongRecoveryPhrase' });
    await vault.call('keys.create', { alias: 'newer', description: '' });
    writeFileSync(vault.path('later'), 'content');
    only(await vault.encrypt(vault.path('later'), { key: 'newer' }));
    await expect(drill(vault.phrase, [vault.path('later.keyward')])).rejects.toMatchObject({
      code: 'RecoveryDrillFailed',
    });
    expect(existsSync(scratch())).toBe(false);
  });

  it('has what a killed one left removed at the next unlock', async () => {
    await vault.reopen(() => {
      mkdirSync(scratch());
      writeFileSync(join(scratch(), 'vault.db'), 'left over');
    });
    expect(existsSync(scratch())).toBe(false);
  });
});
