import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/* Command, background process, threads, checks and the window's host run from a checkout with an odd name. */

const PROJECT = resolve(import.meta.dirname, '../..');
const PARTS = [
  ...[
    'bin',
    'out',
    'scripts',
    'src',
    'test',
    'bench',
    'tools',
    'docs',
    'resources',
    'README.md',
    'package.json',
  ],
  ...['electron.vite.config.ts', 'vitest.config.ts', 'tsconfig.json'],
];
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'keyward-odd-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(['Größe & Maß (1)', '100% "it\'s" #1?', '$(exit 3); `x`  '])(
  'in a folder called %s',
  (name) => {
    const root = () => join(folder, name);
    function run(file: string, words: string[], more: NodeJS.ProcessEnv = {}) {
      const env = { ...process.env, KEYWARD_HOME: '', HOME: join(folder, 'nobody'), NO_COLOR: '1', ...more };
      const run = { cwd: root(), env, encoding: 'utf8', timeout: 240_000 } as const;
      const { status, stdout, stderr } = spawnSync(file, words, run);
      return { status, said: `${stdout}${stderr}` };
    }
    beforeAll(() => {
      mkdirSync(root(), { recursive: true });
      for (const part of PARTS) cpSync(join(PROJECT, part), join(root(), part), { recursive: true });
      symlinkSync(join(PROJECT, 'node_modules'), join(root(), 'node_modules'));
    });

    it('the tour runs, large files and a background process included, and the window is pictured', (context) => {
      const tour = join(root(), 'tour');
      const toured = run(join(root(), 'bin/keyward'), ['tour', '--folder', tour]);
      expect(toured.status, toured.said).toBe(0);
      const home = { KEYWARD_HOME: join(tour, 'vault') };
      expect(run(join(root(), 'bin/keyward'), ['unlock'], home).status).toBe(0);
      expect(run(join(root(), 'bin/keyward'), ['lock'], home)).toEqual({ status: 0, said: 'Locked.\n' });
      const { said } = run(process.execPath, [join(root(), 'scripts/tour-pictures.ts'), tour]);
      if (/No pictures.*(browser|Chromium)/i.test(said)) return context.skip(said);
      expect(said).toContain('The window on this vault');
      expect(existsSync(join(tour, 'pictures/files-light-1280.png'))).toBe(true);
    });

    // What vite can't read: the tests run in a copy.
    if (/[#?%]/.test(name))
      it('the tests run', () => {
        const words = ['scripts/run-tests.mjs', 'quick', 'test/unit/vault/path-list.test.ts'];
        const { status, said } = run(process.execPath, words);
        expect(said).toContain('\n2 passed, 0 failed, 0 skipped');
        expect(status).toBe(0);
      });

    it('the scripts of the project find their files', () => {
      for (const words of [['scripts/check-floors.ts'], ['bench/run.ts', '--check']]) {
        const { status, said } = run(process.execPath, ['scripts/run.mjs', ...words]);
        expect(status, said).toBe(0);
      }
    });
  },
);
