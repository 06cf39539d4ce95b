import { spawn } from 'node:child_process';
import { readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { FileResult } from '../../src/shared/contract.ts';
import type { JobFacts } from '../../src/shared/job-contract.ts';
import { BUILT, CommandHome } from '../support/command.ts';

/* What one command does is seen by another, and stopped by it. */

/** Takes far longer than it takes to cancel it. */
const LARGE = 16 * 2 ** 30;

let made: CommandHome;
beforeAll(async () => {
  made = await CommandHome.unlocked();
});
afterAll(() => made.lockAndEnd());

const path = (name: string) => join(made.files, name);

async function list(): Promise<JobFacts[]> {
  const { code, out } = await made.run(['jobs', 'list']);
  expect(code).toBe(0);
  return (JSON.parse(out) as { jobs: JobFacts[] }).jobs;
}

/** Starts a command, and gives its job once another command sees it run. */
async function begun(
  words: readonly string[],
  title: string,
): Promise<{ job: JobFacts; ended: Promise<string> }> {
  const child = spawn(process.execPath, [BUILT, ...words, '--json'], { env: made.env });
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  const ended = new Promise<string>((resolve) => child.once('close', () => resolve(out)));
  const job = await vi.waitFor(
    async () => {
      const found = (await list()).find((each) => each.title === title);
      if (found?.state !== 'running') throw new Error('it does not run yet');
      return found;
    },
    { timeout: 20_000, interval: 20 },
  );
  return { job, ended };
}

describe('a job of one command', () => {
  it('is listed by another while it runs, and cancelled from there, which leaves nothing', async () => {
    writeFileSync(path('large'), '');
    truncateSync(path('large'), LARGE);
    const { job, ended } = await begun(['encrypt', path('large')], path('large'));
    expect(job).toMatchObject({ kind: 'encrypt', client: 'cli', sources: 1, endedAt: null });
    const { code, out } = await made.run(['jobs', 'cancel', job.id.slice(2, 12)]);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ job: { id: job.id, state: 'cancelled' } });
    const document = JSON.parse(await ended) as { results: FileResult[] };
    expect(document.results).toMatchObject([{ status: 'cancelled', error: { code: 'Cancelled' } }]);
    expect(readdirSync(made.files)).toEqual(['large']);
  });

  it('is shown with what became of each file, also after the vault was locked', async () => {
    for (const name of ['a', 'b']) writeFileSync(path(name), `content of ${name}`);
    await made.run(['encrypt', path('a'), path('b'), path('none')]);
    const [job] = await list();
    expect(job).toMatchObject({
      ...{ kind: 'encrypt', state: 'failed', sources: 3, title: path('a') },
      outcomes: [
        { outcome: 'done', count: 2 },
        { outcome: 'failed', count: 1 },
      ],
    });
    const id = job?.id.slice(2) ?? '';
    const show = async (words: readonly string[] = []) =>
      JSON.parse((await made.run(['jobs', 'show', id, ...words])).out) as { items: FileResult[] };
    const before = await show();
    expect(before.items).toHaveLength(3);
    expect(before.items).toContainEqual(
      expect.objectContaining({ source: path('b'), output: path('b.keyward'), outcome: 'done' }),
    );
    expect((await made.run(['lock'])).code).toBe(0);
    expect(await show(made.unlocking)).toEqual(before);
    expect(await made.words(['jobs', 'show', id, ...made.unlocking])).toMatch(/failed.*\n.*user\/cli/);
    expect((await made.run(['unlock', ...made.unlocking])).code).toBe(0);
  });

  it('whose process died is listed as interrupted, with what it had done', async () => {
    const small = Array.from({ length: 300 }, (_, n) => path(`small-${n}`));
    for (const file of small) writeFileSync(file, 'small');
    writeFileSync(path('huge'), '');
    truncateSync(path('huge'), LARGE);
    const { job, ended } = await begun(['encrypt', ...small, path('huge'), '--overwrite'], path('small-0'));
    const { out } = await made.run(['status']);
    const { owner } = JSON.parse(out) as { owner: { pid: number } };
    const db = new Database(join(made.home, 'vault.db'), { readonly: true });
    const id = Buffer.from(job.id.slice(2), 'hex');
    await vi.waitFor(
      () => {
        const row = db.prepare('SELECT count(*) AS parts FROM jobs WHERE job = ?').get(id);
        if ((row as { parts: number }).parts < 3) throw new Error('nothing of it is written yet');
      },
      { timeout: 20_000, interval: 50 },
    );
    db.close();
    process.kill(owner.pid, 'SIGKILL');
    await ended;
    const unlocked = await made.run(['unlock', ...made.unlocking]);
    expect(unlocked.code).toBe(0);
    const left = (await list()).find((each) => each.id === job.id);
    expect(left).toMatchObject({ state: 'failed', reason: 'interrupted' });
    expect(left?.endedAt).not.toBeNull();
    const shown = JSON.parse((await made.run(['jobs', 'show', job.id])).out) as { items: FileResult[] };
    expect(shown).toMatchObject({ parameters: { overwrite: true } });
    expect(shown.items.length).toBeGreaterThanOrEqual(256);
    expect(shown.items[0]).toMatchObject({ source: path('small-0'), outcome: 'done' });
  });
});

it('a locked vault tells of no job', async () => {
  expect((await made.run(['lock'])).code).toBe(0);
  const { code, out } = await made.run(['jobs', 'list']);
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ ok: false });
  expect(out).not.toContain(path('a'));
});

it('a row that was changed from outside is a finding, and nothing is done for it', async () => {
  const db = new Database(join(made.home, 'vault.db'));
  db.prepare('UPDATE jobs SET sealed = zeroblob(600) WHERE part = 0').run();
  db.close();
  expect((await made.run(['unlock', ...made.unlocking])).code).toBe(0);
  const { findings } = JSON.parse((await made.run(['status'])).out) as { findings?: { kind: string }[] };
  expect(findings).toMatchObject([{ kind: 'JobsChanged' }]);
  expect(await list()).toEqual([]);
  const { out } = await made.run(['audit', 'list', '--event', 'JobsChanged']);
  expect(JSON.parse(out)).toMatchObject({ entries: [{ eventName: 'JobsChanged' }] });
});
