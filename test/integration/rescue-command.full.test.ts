import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { BUILT, CommandHome } from '../support/command.ts';

const home = await CommandHome.make();
const [diary, sealed] = ['diary', 'diary.keyward'].map((name) => join(home.files, name)) as [string, string];
writeFileSync(diary, 'a diary');
await home.run(['encrypt', diary, ...home.unlocking]);
rmSync(diary);
const database = join(home.home, 'vault.db');
const whole = readFileSync(database);
afterAll(() => home.end());

it.each<[string, () => void]>([
  ['cut', () => writeFileSync(database, whole.subarray(0, 6_000))],
  ['missing', () => rmSync(database)],
])(
  'a database that is %s: status says so, decrypt goes on with a note, changes are refused (pitfall 59)',
  async (_what, hurt) => {
    rmSync(`${database}-wal`, { force: true });
    hurt();
    const { code, out } = await home.run(['status', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ state: 'locked', damaged: expect.stringContaining('damaged') });

    expect(await home.words(['status'])).toMatch(/^Damaged +The vault .* damaged/m);

    const opened = await home.run(['decrypt', sealed, ...home.unlocking]);
    expect(opened.code).toBe(0);
    expect(JSON.parse(opened.out)).toMatchObject({ ok: true, rescue: true });
    expect(readFileSync(diary, 'utf8')).toBe('a diary');
    rmSync(diary);

    const refused = await home.run(['encrypt', sealed, ...home.unlocking, '--json']);
    expect(refused.code).toBe(5);
    expect(JSON.parse(refused.out).error).toMatchObject({ code: 'VaultDamaged', details: { rescue: true } });

    await home.run(['unlock', ...home.unlocking]);
    const held = JSON.parse((await home.run(['status', '--json'])).out);
    expect(held).toMatchObject({ state: 'unlocked', rescue: true });
    expect(held.findings[0].kind).toBe('Rescue');
    expect(JSON.parse((await home.run(['verify', sealed])).out)).toMatchObject({ ok: true, rescue: true });
    const told = spawnSync(process.execPath, [BUILT, 'verify', sealed], { env: home.env, encoding: 'utf8' });
    expect(told.status).toBe(0);
    expect(told.stderr).toMatch(/open for rescue/);

    const served = await home.run(['serve', '--json']);
    expect(served.code).toBe(5);
    await home.run(['lock']);
  },
);

it('repair shows what it does, asks where somebody can be asked, and makes the vault whole', async () => {
  writeFileSync(database, whole.subarray(0, 6_000));
  const asked = await home.run(['repair', ...home.unlocking, '--json']);
  expect(asked.code).toBe(2);
  expect(JSON.parse(asked.out).error.message).toContain('--dry-run');
  const planned = await home.run(['repair', ...home.unlocking, '--dry-run', '--json']);
  expect(JSON.parse(planned.out)).toMatchObject({ ok: true, state: 'planned', plan: { keys: 1 } });
  expect(readFileSync(database)).toEqual(whole.subarray(0, 6_000));
  expect(await home.words(['repair', ...home.unlocking, '--dry-run'])).toContain('What a repair does');
  const done = await home.run(['repair', ...home.unlocking, '--yes', '--json']);
  expect(done.code).toBe(0);
  const { state, aside } = JSON.parse(done.out);
  expect(state).toBe('repaired');
  expect(readFileSync(aside.find((path: string) => path.includes('vault.db')))).toEqual(
    whole.subarray(0, 6_000),
  );
  const opened = await home.run(['keys', 'list', ...home.unlocking]);
  expect(JSON.parse(opened.out).rescue).toBeUndefined();
  const again = await home.run(['repair', ...home.unlocking, '--yes', '--json']);
  expect(JSON.parse(again.out)).toMatchObject({ ok: true, state: 'whole' });
});

it('a wrong passphrase opens no damaged vault either, and says that it is wrong', async () => {
  writeFileSync(database, whole.subarray(0, 6_000));
  const wrong = join(home.files, 'wrong');
  writeFileSync(wrong, 'not this one');
  const { code, out } = await home.run(['decrypt', sealed, '--passphrase-file', wrong, '--json']);
  expect(code).toBe(3);
  expect(JSON.parse(out).error.code).toBe('WrongPassphrase');
});
