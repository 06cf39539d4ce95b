import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, renameSync, rmSync, statfsSync, statSync, truncateSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CommandHome, sameBytes, writeLarge } from '../support/command.ts';

const GIB = 2 ** 30;
/** A little more than 3 GiB, so that 32 bits do not suffice and the last frame is a short one. */
const SIZE = 3 * GIB + 12_345;
const MAX_MEMORY = 250 * 2 ** 20;
const CHILD = resolve(import.meta.dirname, 'large.child.ts');

const results = z.object({ results: z.array(z.object({ bytes: z.number() })) });
const report = z.object({ bytes: z.number(), peak: z.number(), milliseconds: z.number() });

let vault: CommandHome;
let room = false;
beforeAll(async () => {
  vault = await CommandHome.make();
  const { bavail, bsize } = statfsSync(vault.folder);
  room = bavail * bsize > 3.5 * SIZE;
  if (room) writeLarge(join(vault.files, 'large'), SIZE);
});
beforeEach(({ skip }) => {
  if (!room) skip('needs 11 GiB on the disk of the temporary folder: no file of 3 GiB was tried');
});
afterAll(() => vault.end());

/** Runs the command as it is shipped, and tells its peak of memory. */
async function command(job: 'encrypt' | 'decrypt', source: string): Promise<{ bytes: number; peak: number }> {
  const { code, out, peak } = await vault.measured([job, source, ...vault.unlocking]);
  expect(code).toBe(0);
  const bytes = results.parse(JSON.parse(out)).results[0]?.bytes ?? 0;
  console.log(`${job}: ${bytes} bytes, at most ${Math.round(peak / 2 ** 20)} MiB of memory`);
  return { bytes, peak };
}

function start(job: string): { child: ChildProcess; done: Promise<z.output<typeof report>> } {
  const child = spawn(process.execPath, [CHILD, job, vault.folder, vault.recovery], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  const done = new Promise<z.output<typeof report>>((take, fail) => {
    child.once('close', (code) => {
      if (code !== 0) return fail(new Error(`${job} ended with ${code}: ${said}`));
      const result = report.parse(JSON.parse(said.trim().split('\n').at(-1) ?? ''));
      const mib = Math.round(result.peak / 2 ** 20);
      const rate = (result.bytes / GIB / (result.milliseconds / 1000)).toFixed(2);
      console.log(`${job}: ${result.bytes} bytes at ${rate} GiB/s, at most ${mib} MiB of memory`);
      return take(result);
    });
  });
  return { child, done };
}

/** Takes a stream with pauses, as a busy consumer would; gives the SHA-256 of its bytes. */
async function slowly(stream: Readable): Promise<string> {
  const hash = createHash('sha256');
  let taken = 0;
  let nextPause = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    taken += chunk.length;
    if (taken < nextPause) continue;
    nextPause = taken + (64 << 20);
    await new Promise((done) => setTimeout(done, 60));
  }
  return hash.digest('hex');
}

describe('3 GiB', () => {
  /** How long all of it takes to decrypt, in ms. */
  let whole = Number.POSITIVE_INFINITY;

  it('pitfall 14: a file comes back equal, in less than 250 MiB of memory', async () => {
    const source = join(vault.files, 'large');
    const encrypted = join(vault.files, 'large.keyward');
    expect(statSync(source).size).toBe(SIZE);
    const first = await command('encrypt', source);
    expect(first.bytes).toBe(SIZE);
    renameSync(source, join(vault.folder, 'original'));
    const began = performance.now();
    const second = await command('decrypt', encrypted);
    whole = performance.now() - began;
    expect(second.bytes).toBe(SIZE);
    expect(sameBytes(source, join(vault.folder, 'original'))).toBe(true);
    for (const { peak } of [first, second]) expect(peak).toBeLessThan(MAX_MEMORY);
    rmSync(source);
  });

  it('pitfall 16: a cut at the end is found sooner than all of it is read, before anything is written', async () => {
    const encrypted = join(vault.files, 'large.keyward');
    truncateSync(encrypted, statSync(encrypted).size - 1);
    const began = performance.now();
    const { code, out } = await vault.run(['decrypt', encrypted, ...vault.unlocking]);
    expect(performance.now() - began).toBeLessThan(whole);
    expect([code, out.includes('FileTruncated')]).toEqual([5, true]);
    rmSync(encrypted);
  });

  it('pitfall 14: a pipe with a slow consumer comes out equal, in less than 250 MiB of memory', async () => {
    const encrypting = start('encryptStream');
    const locked = encrypting.done;
    const source = spawn('cat', [join(vault.folder, 'original')], { stdio: ['ignore', 'pipe', 'inherit'] });
    source.stdout.pipe(encrypting.child.stdin ?? fail());
    // One process at a time holds the vault, so the encrypted stream rests in a file in between.
    const rest = spawn('dd', [`of=${join(vault.folder, 'stream')}`, 'bs=1M', 'status=none'], {
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    encrypting.child.stdout?.pipe(rest.stdin ?? fail());
    const stored = new Promise((done) => rest.once('close', done));
    const first = await locked;
    await stored;

    const decrypting = start('decryptStream');
    spawn('cat', [join(vault.folder, 'stream')], { stdio: ['ignore', 'pipe', 'inherit'] }).stdout.pipe(
      decrypting.child.stdin ?? fail(),
    );
    const [hash, second] = await Promise.all([slowly(decrypting.child.stdout ?? fail()), decrypting.done]);
    expect(hash).toBe(await hashOf(join(vault.folder, 'original')));
    for (const { bytes, peak } of [first, second]) {
      expect(bytes).toBe(SIZE);
      expect(peak).toBeLessThan(MAX_MEMORY);
    }
  });
});

function fail(): never {
  throw new Error('the child has no pipe');
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 4 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
