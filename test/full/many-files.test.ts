import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documents } from '../../src/cli/json-documents.ts';
import { CommandHome } from '../support/command.ts';

const MIB = 1 << 20;
const long = process.env['KEYWARD_TEST_LEVEL'] === 'long';
const [FEWER, MORE] = long ? [5_000, 10_000] : [1_000, 2_000];

/** What a process may take in all, and more for each further file; tens of MiB come and go with the collector. */
const MAX = 250 * MIB;
const MAX_EACH = (long ? 4 : 24) * 1024;

let vault: CommandHome;
let holder: number;
beforeAll(async () => {
  vault = await CommandHome.unlocked();
  holder = documents.status.parse(JSON.parse((await vault.run(['status'])).out)).owner?.pid ?? 0;
  for (const files of [FEWER, MORE]) {
    for (let n = 0; n < files; n++) {
      const below = join(vault.files, `${files}`, `d${Math.floor(n / 100)}`);
      if (n % 100 === 0) mkdirSync(below, { recursive: true });
      writeFileSync(join(below, `f${n}`), `file ${n}`);
    }
  }
}, 1_800_000);
afterAll(() => vault.lockAndEnd());

/** Peaks in bytes of the process that holds the vault and of the command, while it runs. */
async function peaks(words: readonly string[]): Promise<{ holder: number; command: number }> {
  // The peak begins anew with what it takes now (proc(5)).
  writeFileSync(`/proc/${holder}/clear_refs`, '5');
  const { code, err, peak } = await vault.measured(words);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${err}`);
  const [, kibibytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${holder}/status`, 'utf8')) ?? [];
  return { holder: Number(kibibytes) * 1024, command: peak };
}

// The peak of another process is told by Linux only.
describe.skipIf(process.platform !== 'linux')('memory over many files (pitfall 69)', () => {
  const COMMANDS: readonly (readonly [string, (from: string, to: string) => string[]])[] = [
    ['encrypt', (from: string, to: string) => ['encrypt', '--each', from, '--out', to]],
    [
      'encrypt --overwrite',
      (from: string, to: string) => ['encrypt', '--each', '--overwrite', from, '--out', to],
    ],
    [
      'encrypt --skip-existing',
      (from: string, to: string) => ['encrypt', '--each', '--skip-existing', from, '--out', to],
    ],
    ['verify', (_: string, to: string) => ['verify', '--each', to]],
    ['rewrap', (_: string, to: string) => ['rewrap', '--each', to]],
    ['reencrypt', (_: string, to: string) => ['reencrypt', '--each', to]],
    ['decrypt', (_: string, to: string) => ['decrypt', '--each', to, '--out', `${to}-back`]],
  ];
  // Each command is tried in the long run; the first, one that reads, and the last before.
  it.each(long ? COMMANDS : COMMANDS.filter(([name]) => ['encrypt', 'verify', 'decrypt'].includes(name)))(
    '%s takes no more for twice as many',
    async (_name, wordsOf) => {
      const of = (files: number) =>
        peaks(wordsOf(join(vault.files, `${files}`), join(vault.folder, `out-${files}`)));
      const [fewer, more] = [await of(FEWER), await of(MORE)];
      for (const process of ['holder', 'command'] as const) {
        expect(more[process], process).toBeLessThan(MAX);
        expect((more[process] - fewer[process]) / (MORE - FEWER), process).toBeLessThan(MAX_EACH);
      }
    },
    1_800_000,
  );
});
