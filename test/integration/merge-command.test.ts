import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CommandHome } from '../support/command.ts';

let first: CommandHome;
let second: CommandHome;
let stick: string;

beforeAll(async () => {
  first = CommandHome.prepare();
  second = CommandHome.prepare();
  stick = join(first.folder, 'stick');
  mkdirSync(stick);
  writeFileSync(join(first.folder, 'new'), 'a new passphrase for tests\n', { mode: 0o600 });
  await done(
    first,
    first.initWords.filter((word) => word !== '--throw-away'),
  );
  await done(first, ['backup', 'create', '--to', stick, ...first.unlocking]);
  await done(second, [
    'backup',
    'restore',
    stick,
    ...phrase(),
    '--passphrase-file',
    join(first.folder, 'new'),
  ]);
  await done(second, ['keys', 'create', 'made-there', ...phrase()]);
  await done(second, ['config', 'idle-minutes', '44', ...phrase()]);
  await done(second, ['backup', 'create', '--to', stick, ...phrase()]);
});
afterAll(() => {
  first.end();
  second.end();
});

const phrase = () => ['--recovery-file', first.recovery];

async function done(
  home: CommandHome,
  words: readonly string[],
): Promise<{ readonly [name: string]: unknown }> {
  const { code, out, err } = await home.run(words);
  expect(code, `${words.join(' ')}: ${out}${err}`).toBe(0);
  return JSON.parse(out) as { readonly [name: string]: unknown };
}

const names = async (home: CommandHome) =>
  ((await done(home, ['keys', 'list', ...phrase()]))['keys'] as { aliases: string[] }[]).flatMap(
    ({ aliases }) => aliases,
  );

describe('keyward backup restore, where there is a vault', () => {
  it('asks, and where nobody can be asked does nothing without --yes', async () => {
    const { code, out } = await first.run(['backup', 'restore', stick, ...phrase()]);
    expect(code).toBe(2);
    expect(out).toContain('--dry-run');
  });

  it('shows with --dry-run what it comes to, writes nothing, then merges with what was taken', async () => {
    const shown = await done(first, ['backup', 'restore', stick, '--dry-run', ...phrase()]);
    expect(shown).toMatchObject({
      merged: false,
      changes: [{ kind: 'key', name: 'alias/made-there' }],
      differences: [{ id: 'setting:idle-minutes', there: '44' }],
    });
    expect(await names(first)).toEqual(['alias/my-files']);
    const words = ['backup', 'restore', stick, '--yes', '--take', 'setting:idle-minutes', ...phrase()];
    expect(await done(first, words)).toMatchObject({ merged: true, taken: ['setting:idle-minutes'] });
    expect((await names(first)).sort()).toEqual(['alias/made-there', 'alias/my-files']);
    const again = await first.run(words);
    expect([again.code, JSON.parse(again.out)]).toMatchObject([4, { error: { code: 'BackupOlder' } }]);
  });
});
