import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Console } from '../../../src/cli/console.ts';
import { runJob } from '../../../src/cli/jobs/results.ts';
import { documents } from '../../../src/cli/json-documents.ts';
import type { FileResult } from '../../../src/shared/contract.ts';
import { KeywardError } from '../../../src/shared/errors.ts';

const page = (from: number, more: Partial<FileResult> = {}): FileResult[] =>
  Array.from({ length: 256 }, (_, n) => ({
    ...{ source: `/files/${from + n}`, output: null, status: 'done', outcome: 'done', bytes: 10, ...more },
  }));
const over = (outcome: 'link' | 'encrypted') => ({ status: 'skipped', outcome, bytes: 0 }) as const;
const error = { code: 'FileDamaged', message: 'It is damaged.', details: {} } as const;
const failed = { status: 'failed', outcome: 'failed', bytes: 0, error } as const;

function made(options: { json?: boolean; verbose?: boolean } = {}) {
  const [stdout, stderr] = [new PassThrough({ highWaterMark: 1 << 24 }), new PassThrough()];
  const around = { env: {}, cwd: '/files', stdin: new PassThrough(), stdout, stderr };
  const console = new Console(around as unknown as ConstructorParameters<typeof Console>[0]);
  console.json = options.json === true;
  const out = () => String(stdout.read() ?? '');
  const run = (pages: readonly FileResult[][], end?: KeywardError) =>
    runJob(
      console,
      async ({ results }) => {
        for (const each of pages) await results(each);
        if (end !== undefined) throw end;
      },
      {
        done: 'verified',
        row: ({ source }) => [source, 'whole'],
        wanted: 'encrypted file',
        paths: ['/files'],
        options: { each: true, ...options },
      },
    );
  return { console, out, err: () => String(stderr.read() ?? ''), run };
}

describe('results that come in pages', () => {
  it('are one document, with all of them and their counts', async () => {
    const { out, run, console } = made({ json: true });
    await run([page(0), page(256, failed), page(512, over('link'))]);
    const document = documents.verify.parse(JSON.parse(out()));
    expect(document.results.map(({ source }) => source)).toEqual(
      Array.from({ length: 768 }, (_, n) => `/files/${n}`),
    );
    expect(document).toMatchObject({ ok: false, outcomes: { done: 256, failed: 256, link: 256 } });
    expect(console.exit).toBe(5);
  });

  it('are one document when the holder dies behind the first of them', async () => {
    const { out, run, console } = made({ json: true });
    const end = new KeywardError('OwnerUnreachable', 'It died.');
    await expect(run([page(0)], end)).rejects.toBe(end);
    console.fail(end);
    const document = documents.verify.parse(JSON.parse(out()));
    expect(document.results).toHaveLength(256);
    expect(document).toMatchObject({
      ok: false,
      outcomes: { done: 256 },
      error: { code: 'OwnerUnreachable' },
    });
  });

  it('are counted in words, of each kind the first ones named', async () => {
    const { out, err, run } = made();
    await run([page(0), page(256, failed), page(512, failed), page(768, over('encrypted'))]);
    expect(out()).toMatch(/^256 files verified; 2[.,]\d+ .*\n256 files encrypted already\n$/);
    expect(err()).toContain(
      '511 more files ended so: /files/257, /files/258, /files/259, /files/260, /files/261 and 506 more',
    );
  });

  it('have a line each with --verbose, however many there are', async () => {
    const { out, run } = made({ verbose: true });
    await run(Array.from({ length: 9 }, (_, n) => page(n * 256)));
    const lines = out().trimEnd().split('\n');
    expect(lines).toHaveLength(9 * 256 + 1);
    expect(lines.at(-1)).toMatch(/^2,?304 files/);
  });

  it.each([false, true])('are wrong usage where nothing was looked for (--json: %s)', async (json) => {
    const { out, run, console } = made({ json });
    const pages = Array.from({ length: 9 }, (_, n) => page(n * 256, over('link')));
    await expect(run(pages.slice(0, 2))).rejects.toMatchObject({ code: 'Usage' });
    expect(out()).toBe('');
    // Too many to be held back.
    await expect(made({ json }).run(pages)).rejects.toMatchObject({
      code: 'Usage',
      message: expect.stringContaining('symbolic links'),
      details: {
        passedOver: page(0)
          .slice(0, 100)
          .map(({ source }) => source),
      },
    });
    expect(console.exit).toBe(0);
  });
});
