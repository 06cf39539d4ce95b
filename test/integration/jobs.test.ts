import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { PassThrough, type Readable, Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { setAeadWitness } from '../../src/main/crypto/aead.ts';
import { setFaultHook } from '../../src/main/disk/fault-hook.ts';
import { gateBelow } from '../support/faults.ts';
import { only } from '../support/live-vault.ts';
import { oneVault } from '../support/one-vault.ts';

const FRAME = 1 << 20;

const vault = await oneVault();
afterEach(() => setFaultHook(undefined));

/** Lets `act` see the steps of the test's files only. */
const gateFiles = (act: Parameters<typeof gateBelow>[1]) => gateBelow(vault.files, act);

describe('cancelling', () => {
  it('leaves nothing, tells which files were not done, and a retry succeeds', async () => {
    for (const name of ['a', 'b', 'c']) writeFileSync(vault.path(name), randomBytes(4 * FRAME));
    const sources = ['a', 'b', 'c'].map((name) => vault.path(name));
    const controller = new AbortController();
    gateFiles(({ op, path, offset }) => {
      if (op === 'write' && path.includes('b.keyward') && (offset ?? 0) > FRAME) controller.abort();
      return undefined;
    });
    const results = await vault.encrypt(sources, {}, { signal: controller.signal });
    expect(results.map(({ status }) => status)).toEqual(['done', 'cancelled', 'cancelled']);
    expect(vault.list()).toEqual(['a', 'a.keyward', 'b', 'c']);
    setFaultHook(undefined);
    const again = await vault.encrypt(sources.slice(1));
    expect(again.map(({ status }) => status)).toEqual(['done', 'done']);
  });

  it('locking cancels what runs and leaves nothing', async () => {
    writeFileSync(vault.path('a'), randomBytes(8 * FRAME));
    let leaving: Promise<void> | undefined;
    gateFiles(({ op, offset }) => {
      if (op === 'write' && (offset ?? 0) > FRAME) leaving ??= vault.reopen();
      return undefined;
    });
    const result = only(await vault.encrypt(vault.path('a')));
    expect(result.status).toBe('cancelled');
    await leaving;
    expect(vault.list()).toEqual(['a']);
    expect((await vault.call('audit.verify', {})).ok).toBe(true);
  });

  it('progress counts up to the end', async () => {
    writeFileSync(vault.path('a'), randomBytes(3 * FRAME));
    writeFileSync(vault.path('b'), randomBytes(FRAME));
    const told: { done: number; total: number | null }[] = [];
    const progress = ({ done, total }: { done: number; total: number | null }) => told.push({ done, total });
    await vault.encrypt([vault.path('a'), vault.path('b')], {}, { progress });
    expect(told.at(-1)).toEqual({ done: 4 * FRAME, total: 4 * FRAME });
    expect(told.map(({ done }) => done)).toEqual(told.map(({ done }) => done).sort((a, b) => a - b));
  });
});

describe('payload keys', () => {
  /** A frame's IV is its number, which starts at 1. */
  const isFrameIv = (iv: Buffer) => iv.readBigUInt64BE(0) === 0n && iv.readUInt32BE(8) > 0;

  it('are wiped when a job is done, and when it fails', async () => {
    const keys = new Set<Uint8Array>();
    setAeadWitness((key, iv) => {
      if (isFrameIv(Buffer.from(iv))) keys.add(key);
    });
    try {
      writeFileSync(vault.path('a'), randomBytes(2 * FRAME));
      await vault.encrypt(vault.path('a'));
      gateFiles(({ op, offset }) => {
        if (op === 'write' && (offset ?? 0) > FRAME) throw Object.assign(new Error(), { code: 'EIO' });
        return undefined;
      });
      expect(only(await vault.encrypt(vault.path('a'), { overwrite: true })).status).toBe('failed');
      const streams = { input: new PassThrough().end('b'), output: new PassThrough().resume() };
      await vault.call('files.encryptStream', {}, { streams });
    } finally {
      setAeadWitness(undefined);
    }
    expect(keys.size).toBe(3);
    for (const key of keys) expect(Buffer.from(key).equals(Buffer.alloc(32))).toBe(true);
  });
});

describe('pipes', () => {
  async function through(
    method: 'files.encryptStream' | 'files.decryptStream',
    input: Readable,
    buffered = false,
  ): Promise<{ output: Buffer; error: string | undefined; notes: readonly string[] }> {
    const chunks: Buffer[] = [];
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        chunks.push(Buffer.from(chunk));
        done();
      },
    });
    const streams = { input, output };
    const call =
      method === 'files.encryptStream'
        ? vault.call(method, {}, { streams })
        : vault.call(method, { buffered }, { streams });
    let notes: readonly string[] = [];
    const error = await call.then(
      (answer) => {
        if ('notes' in answer) notes = answer.notes as string[];
        return undefined;
      },
      (reason: { code: string }) => reason.code,
    );
    return { output: Buffer.concat(chunks), error, notes };
  }

  it('give back what went in, for every length around a frame', async () => {
    for (const size of [0, 1, FRAME - 1, FRAME, FRAME + 1, 3 * FRAME + 5]) {
      const content = randomBytes(size);
      const encrypted = await through('files.encryptStream', new PassThrough().end(content));
      for (const buffered of [false, true]) {
        const back = await through('files.decryptStream', new PassThrough().end(encrypted.output), buffered);
        expect(back.error).toBeUndefined();
        expect(back.output.equals(content)).toBe(true);
      }
    }
  });

  it('tell of a header copy that was damaged, whichever way they flow', async () => {
    const { output } = await through('files.encryptStream', new PassThrough().end('dear diary'));
    output.writeUInt8(output.readUInt8(1_000) ^ 1, 1_000);
    for (const buffered of [false, true]) {
      const back = await through('files.decryptStream', new PassThrough().end(output), buffered);
      expect(back.output.toString()).toBe('dear diary');
      expect(back.notes).toEqual([expect.stringContaining('header copies of standard input is damaged')]);
    }
  });

  it.each(['nothing', 'a few bytes', 'a header', 'a frame and a half'])(
    'end at a cancel while they wait for their input, after %s',
    async (after) => {
      const { output } = await through('files.encryptStream', new PassThrough().end(randomBytes(3 * FRAME)));
      const got = { nothing: 0, 'a few bytes': 3, 'a header': 8192 }[after] ?? FRAME * 1.5;
      for (const method of ['files.encryptStream', 'files.decryptStream'] as const) {
        for (const buffered of method === 'files.decryptStream' ? [false, true] : [undefined]) {
          const input = new PassThrough();
          if (got > 0) input.write(output.subarray(0, got));
          const controller = new AbortController();
          setTimeout(() => controller.abort(), 50);
          const extras = {
            streams: { input, output: new PassThrough().resume() },
            signal: controller.signal,
          };
          const call =
            buffered === undefined
              ? vault.call('files.encryptStream', {}, extras)
              : vault.call('files.decryptStream', { buffered }, extras);
          const late = new Promise((resolve) => setTimeout(resolve, 2_000, 'still waiting'));
          await expect(Promise.race([call, late])).rejects.toMatchObject({ code: 'Cancelled' });
        }
      }
    },
  );

  it('ask for their key once, buffered or not', async () => {
    const { output } = await through('files.encryptStream', new PassThrough().end('dear diary'));
    const opened = async () =>
      (await vault.call('audit.list', { limit: 1_000, event: 'Decrypt' })).entries.length;
    for (const buffered of [false, true]) {
      const before = await opened();
      await through('files.decryptStream', new PassThrough().end(output), buffered);
      expect((await opened()) - before).toBe(1);
    }
  });

  it('pitfall 45: --buffered gives nothing of a truncated stream, without it only whole frames flow', async () => {
    const content = randomBytes(3 * FRAME);
    const { output } = await through('files.encryptStream', new PassThrough().end(content));
    const cut = output.subarray(0, output.length - 1000);
    const buffered = await through('files.decryptStream', new PassThrough().end(cut), true);
    expect(buffered).toMatchObject({ error: 'FileTruncated' });
    expect(buffered.output).toHaveLength(0);
    const flowing = await through('files.decryptStream', new PassThrough().end(cut));
    expect(flowing.error).toBe('FileTruncated');
    expect(flowing.output.equals(content.subarray(0, flowing.output.length))).toBe(true);
    expect(flowing.output.length).toBe(2 * FRAME);
  });
});
