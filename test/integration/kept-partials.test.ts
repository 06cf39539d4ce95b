import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/shared/clock.ts';
import { CommandHome } from '../support/command.ts';
import { withPartials } from '../support/partial-table.ts';

/* Unfinished files on a disk that is away: on record until it is back, or until its owner says that it never is. */

let vault: CommandHome;
const disk = () => join(vault.folder, 'disk');
const at = (name: string) => join(disk(), `${name}.keyward.0f1e2d3c4b5a69788796a5b4c3d2e1f0.partial`);

async function run(...words: string[]) {
  const ended = await vault.run(words);
  return { code: ended.code, document: JSON.parse(ended.out) };
}
const found = async () => {
  const { document } = await run('status');
  return ((document.findings ?? []) as { kind: string; message: string }[]).filter(
    ({ kind }) => kind === 'PartialKept',
  );
};

beforeAll(async () => {
  vault = await CommandHome.make();
  const phrase = readFileSync(vault.recovery, 'utf8');
  await withPartials(vault.home, phrase, (store, partials) => {
    for (const name of ['a', 'b', 'c']) store.write((tx) => partials.add(tx, systemClock, at(name)));
  });
  expect((await run('unlock', ...vault.unlocking)).code).toBe(0);
});
afterAll(() => vault.lockAndEnd());

describe('unfinished files on a disk that is away', () => {
  it('are listed, and named by the status with the way to forget them', async () => {
    const { document } = await run('partials', 'list');
    expect(document.partials.map(({ path }: { path: string }) => path).sort()).toEqual(
      ['a', 'b', 'c'].map(at),
    );
    const messages = (await found()).map(({ message }) => message);
    expect(messages).toHaveLength(3);
    for (const message of messages) expect(message).toContain('keyward partials forget');
  });

  it('are not forgotten unasked, nor under a name that is not on record, nor by an operator', async () => {
    expect((await run('partials', 'forget', at('a'))).document.error.code).toBe('Usage');
    expect((await run('partials', 'forget', '--yes', at('z'))).document.error.code).toBe('NotFoundException');
    const stepped = await run('partials', 'forget', '--yes', '--as', 'operator', at('a'));
    expect(stepped.document.error.code).toBe('AccessDeniedException');
    expect(await found()).toHaveLength(3);
  });

  it('are forgotten by their owner, for good, with an entry in the log', async () => {
    const { document } = await run('partials', 'forget', '--yes', at('a'));
    expect(document).toEqual({ ok: true, path: at('a'), outcome: 'forgotten' });
    expect(await found()).toHaveLength(2);
    const { document: log } = await run('audit', 'list', '--event', 'ForgetPartial');
    expect(log.entries).toMatchObject([{ file: at('a'), requestParameters: { outcome: 'forgotten' } }]);
    await run('lock');
    await run('unlock', ...vault.unlocking);
    expect((await found()).map(({ message }) => message).join()).not.toContain(at('a'));
  });

  it('are removed instead where the disk is back, and known to be gone where it has nothing', async () => {
    mkdirSync(disk());
    writeFileSync(at('b'), '', { mode: 0o600 });
    expect((await run('partials', 'forget', '--yes', at('b'))).document.outcome).toBe('removed');
    expect(existsSync(at('b'))).toBe(false);
    expect((await run('partials', 'forget', '--yes', at('c'))).document.outcome).toBe('gone');
    expect((await run('partials', 'list')).document.partials).toEqual([]);
    expect(await found()).toEqual([]);
    expect((await run('audit', 'verify')).code).toBe(0);
  });
});
