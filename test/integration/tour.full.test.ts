import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { documents } from '../../src/cli/json-documents.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'keyward-tour-'));
const leftovers = [folder];

afterAll(() => {
  for (const path of leftovers) rmSync(path, { recursive: true, force: true });
});

function shell(command: string) {
  const env = { ...process.env, TMPDIR: folder, DISPLAY: '', WAYLAND_DISPLAY: '', KEYWARD_HOME: '' };
  return spawnSync('sh', ['-c', command], { cwd: root, env, encoding: 'utf8' });
}

describe('npm start without a display', () => {
  const started = shell('npm start --silent');
  const lines = started.stdout.split('\n');

  it('says what is missing and what to do, and ends well', () => {
    expect(started.status, started.stderr).toBe(0);
    expect(started.stdout).toContain("The window can't be shown here: no display");
  });

  it('shows five steps, each with a proof, on a page of 80 by 40', () => {
    expect(lines.filter((line) => /^[1-5] {2}\S.* \d+ ms$/.test(line))).toHaveLength(5);
    expect(lines.filter((line) => line.startsWith('   ✓ '))).toHaveLength(5);
    expect(started.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(40);
    expect(lines.filter((line) => [...line].length > 80 && !line.includes(folder))).toEqual([]);
  });

  it('offers three commands that work as they are pasted', () => {
    const after = lines.slice(lines.indexOf('Try next') + 1);
    const next = after.slice(0, after.indexOf(''));
    expect(next).toHaveLength(3);
    for (const command of next) {
      const { status, stdout, stderr } = shell(command);
      expect(status, `${command}\n${stderr}`).toBe(0);
      expect(stdout).not.toBe('');
    }
  });
});

describe('keyward tour', () => {
  it('tells its steps as one document, and goes into a folder with a space in its name', () => {
    const home = join(folder, 'a tour');
    const toured = shell(`bin/keyward tour --folder '${home}' --json`);
    expect(documents.tour.parse(JSON.parse(toured.stdout))).toMatchObject({ folder: home });
  });
});

describe('keyward demo', () => {
  let home = '';

  it('makes six keys, 214 files, a denial and a damaged file, in a place that it says, and its chain holds', () => {
    const made = shell('bin/keyward demo --json');
    const document = documents.demo.parse(JSON.parse(made.stdout));
    expect(document).toMatchObject({ keys: 6, files: 214, months: 14 });
    home = document.home;
    const ask = (words: string) =>
      JSON.parse(shell(`KEYWARD_HOME=${home} bin/keyward ${words} --json`).stdout) as Record<string, unknown>;
    expect(ask('audit verify')).toMatchObject({ ok: true });
    expect((ask('keys list')['keys'] as unknown[]).length).toBe(6);
    const { entries } = ask('audit list --limit 20') as { entries: { errorCode?: string }[] };
    expect(entries.some(({ errorCode }) => errorCode === 'DisabledException')).toBe(true);
    const verified = ask(`verify ${home}-files --each`) as {
      results: { status: string; error?: { code: string } }[];
    };
    const states = Map.groupBy(verified.results, ({ status, error }) => error?.code ?? status);
    expect(states.get('done')?.length).toBe(214 - 1 - 8);
    expect(states.get('FileDamaged')?.length).toBe(1);
    expect(states.get('DisabledException')?.length).toBe(8);
    expect(dirname(dirname(home))).toBe(folder);
  });

  it('touches nothing where there is something already', () => {
    const again = shell(`bin/keyward demo --home ${home} --json`);
    expect(again.status).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({ ok: false, error: { code: 'VaultExists' } });
  });
});
