import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { setAeadWitness } from '../../../src/main/crypto/aead.ts';
import { setFaultHook } from '../../../src/main/disk/fault-hook.ts';
import { type OpenFile, openFile } from '../../../src/main/disk/file.ts';
import { checkFile } from '../../../src/main/envelope/body.ts';
import { bodyLengthOf, planBody } from '../../../src/main/envelope/body-plan.ts';
import { newHeader } from '../../../src/main/envelope/compose.ts';
import { encryptStream } from '../../../src/main/envelope/encrypt.ts';
import { endThreads, setThreadEntry } from '../../../src/main/envelope/engine/pool.ts';
import { runFrames, runFramesHere, WORTH_THREADS } from '../../../src/main/envelope/engine/run.ts';
import { SharedState } from '../../../src/main/envelope/engine/shared-state.ts';
import { workOn } from '../../../src/main/envelope/engine/work.ts';
import { decryptInto, encryptFile } from '../../../src/main/envelope/files.ts';
import { nativeBody } from '../../../src/main/envelope/native-body.ts';
import type { OpenHeader } from '../../../src/main/envelope/open.ts';
import type { Watch } from '../../../src/main/envelope/pipeline.ts';
import { errno } from '../../support/faults.ts';
import { THREAD_PLAN, type ThreadPlan } from '../../support/thread.ts';
import { headerInput, memorySink, memorySource, pattern } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'keyward-engine-'));
const at = (name: string) => join(folder, name);
const FRAME = 1 << 18;
const STRIDE = FRAME + 32;
const CONTENT = randomBytes(WORTH_THREADS + 3 * FRAME + 12_345);
const FRAMES = Math.ceil(CONTENT.length / FRAME);

afterEach(() => setThreads(undefined));
afterAll(async () => {
  await endThreads();
  rmSync(folder, { recursive: true });
});

/** Has the threads to come do as the plan says; `undefined`: as they do in the app. */
async function setThreads(plan: ThreadPlan | undefined): Promise<void> {
  if (plan !== undefined) process.env[THREAD_PLAN] = JSON.stringify(plan);
  await setThreadEntry(plan === undefined ? undefined : new URL('../../support/thread.ts', import.meta.url));
}

const input = () => headerInput({ frameLength: FRAME });

async function encrypted(content: Buffer, open: OpenHeader, watch: Watch = {}): Promise<Buffer> {
  writeFileSync(at('plain'), content);
  rmSync(at('sealed'), { force: true });
  await withFiles(at('plain'), at('sealed'), (source, target) =>
    encryptFile(open, source, content.length, target, watch),
  );
  return readFileSync(at('sealed'));
}

async function decrypted(open: OpenHeader, watch: Watch = {}): Promise<Buffer> {
  rmSync(at('back'), { force: true });
  await withFiles(at('sealed'), at('back'), async (source, target) =>
    decryptInto(await checkFile(source, nativeBody(open)), target, watch),
  );
  return readFileSync(at('back'));
}

async function withFiles<T>(
  from: string,
  to: string,
  use: (source: OpenFile, target: OpenFile) => Promise<T>,
): Promise<T> {
  const source = await openFile(from, 'read');
  const target = await openFile(to, 'create');
  try {
    return await use(source, target);
  } finally {
    await source.close();
    await target.close();
  }
}

/** Changes one byte of the ciphertext of each of these frames, numbered from 1. */
function damage(sealed: Buffer, ...frames: readonly number[]): void {
  for (const frame of frames) {
    const place = 2 * 4096 + (frame - 1) * STRIDE + 1_000;
    sealed.writeUInt8(sealed.readUInt8(place) ^ 1, place);
  }
  writeFileSync(at('sealed'), sealed);
}

describe('a large file', () => {
  it.each([
    ['with a short last frame', CONTENT.length],
    ['of whole frames', WORTH_THREADS],
    ['one byte longer', WORTH_THREADS + 1],
  ])('%s has the same bytes from several threads as from one', async (_what, length) => {
    const given = input();
    const content = CONTENT.subarray(0, length);
    const sink = memorySink();
    const one = await encryptStream(newHeader(given), memorySource(content), sink);
    const open = newHeader(given);
    const many = await encrypted(content, open);
    expect(many.equals(sink.bytes())).toBe(true);
    expect(one.fileLength).toBe(many.length);
    expect((await decrypted(open)).equals(content)).toBe(true);
  });

  it('tells its progress in exact bytes, never backwards, up to the end', async () => {
    const open = newHeader(input());
    for (const act of [(watch: Watch) => encrypted(CONTENT, open, watch), (w: Watch) => decrypted(open, w)]) {
      const told: number[] = [];
      await act({ onProgress: (done) => told.push(done) });
      expect(told).toEqual(told.toSorted((a, b) => a - b));
      expect(told.at(-1)).toBe(CONTENT.length);
    }
  });

  it.each([
    ['begins', 'file:///nowhere/worker.ts'],
    ['can be started', 'http://127.0.0.1/worker.js'],
  ])('is done on this thread where no other %s', async (_how, entry) => {
    await setThreadEntry(new URL(entry));
    const open = newHeader(input());
    await encrypted(CONTENT, open);
    expect((await decrypted(open)).equals(CONTENT)).toBe(true);
  });

  it('does not count on threads that ended while they had nothing to do', async () => {
    await setThreads({ ends: true });
    const open = newHeader(input());
    await encrypted(CONTENT, open);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await decrypted(open)).equals(CONTENT)).toBe(true);
  });

  it('stops at a cancel, before the threads have done everything', async () => {
    const open = newHeader(input());
    const controller = new AbortController();
    let done = 0;
    const watch = {
      signal: controller.signal,
      onProgress: (bytes: number) => {
        done = bytes;
        controller.abort();
      },
    };
    await setThreads({ writes: 'short' });
    await expect(encrypted(CONTENT, open, watch)).rejects.toMatchObject({ code: 'Cancelled' });
    expect(done).toBeLessThan(CONTENT.length);
    await expect(encrypted(CONTENT, newHeader(input()), watch)).rejects.toMatchObject({ code: 'Cancelled' });
  });
});

describe('property 11', () => {
  it.each(['short', 'busy', undefined] as const)(
    'no pair of key and IV is used twice; writes: %s',
    async (writes) => {
      const pairs = at(`pairs-${writes}`);
      await setThreads({ pairs, ...(writes === undefined ? {} : { writes }) });
      const open = newHeader(input());
      await encrypted(CONTENT, open);
      const used = readFileSync(pairs, 'utf8').trim().split('\n');
      expect(used).toHaveLength(FRAMES);
      expect(new Set(used).size).toBe(FRAMES);
      await setThreads(undefined);
      expect((await decrypted(open)).equals(CONTENT)).toBe(true);
    },
  );

  it('a header that a thread died over is never used again', async () => {
    const pairs = at('pairs-die');
    await setThreads({ pairs, writes: 'die', from: 20 * STRIDE });
    const open = newHeader(input());
    await expect(encrypted(CONTENT, open)).rejects.toMatchObject({
      code: 'Internal',
      message: expect.stringContaining('exit code 3'),
    });
    await setThreads(undefined);
    await expect(encrypted(CONTENT, open)).rejects.toThrow('used to encrypt twice');
    const used = readFileSync(pairs, 'utf8').trim().split('\n');
    expect(new Set(used).size).toBe(used.length);
    expect(used.length).toBeLessThan(FRAMES);
  });

  it('holds at the far end of counters and offsets: the last frames of a body of 2^32 − 1', async () => {
    const [frames, frameLength, tail, bodyAt] = [2 ** 32 - 1, 512, 3, 100];
    const last = pattern(2 * frameLength + 7);
    const start = (frames - tail) * frameLength;
    const size = start + last.length;
    const body = { frameLength, bodyAt, shape: 'aws' } as const;
    const plan = planBody(bodyLengthOf(size, frameLength), body);
    expect(plan).toMatchObject({ frames, finalLength: 7, plaintextLength: size });
    if (plan === undefined) return;
    // Files with holes: only the ends exist.
    writeFileSync(at('plain'), '');
    truncateSync(at('plain'), size);
    for (const name of ['sealed', 'back']) rmSync(at(name), { force: true });
    const work = (kind: 'encrypt' | 'decrypt', source: OpenFile, sink: OpenFile) => {
      const shared = new SharedState();
      shared.lend(Buffer.alloc(32, 3), Buffer.alloc(32, 4));
      new BigInt64Array(shared.memory)[0] = BigInt(frames - tail);
      const of = (file: OpenFile) => ({ number: file.descriptor, path: file.path });
      const lengths = { keyLength: 32, messageIdLength: 32 };
      const files = { source: of(source), sink: of(sink) };
      return workOn({ kind, memory: shared.memory, ...lengths, layout: body, plan, ...files, onBad: 'stop' });
    };
    const plain = await openFile(at('plain'), 'update');
    await plain.write(last, start);
    await plain.close();
    const report = await withFiles(at('plain'), at('sealed'), async (source, sink) =>
      work('encrypt', source, sink),
    );
    expect(report).toEqual({ ok: true, bad: [] });
    const back = await withFiles(at('sealed'), at('back'), async (source, sink) => {
      expect(work('decrypt', source, sink)).toEqual({ ok: true, bad: [] });
      // The engine finds the same end that it was told of.
      const checked = await checkFile(source, {
        ...body,
        key: Buffer.alloc(32, 3),
        messageId: Buffer.alloc(32, 4),
      });
      expect(checked.plan).toEqual(plan);
      const bytes = Buffer.alloc(last.length + 1);
      return bytes.subarray(0, await sink.read(bytes, start));
    });
    expect(back.equals(last)).toBe(true);
  });

  it('counts its claims beyond 32 bits', () => {
    const shared = new SharedState();
    new BigInt64Array(shared.memory)[0] = 2n ** 32n - 1n;
    expect([shared.claim(), shared.claim()]).toEqual([2 ** 32, 2 ** 32 + 1]);
  });
});

describe('failures', () => {
  it('are told once, and of the disk as what they are', async () => {
    await setThreads({ writes: 'fail', from: 9 * STRIDE });
    await expect(encrypted(CONTENT, newHeader(input()))).rejects.toMatchObject({
      code: 'DiskFull',
      details: { path: at('sealed') },
    });
  });

  it('end the others, also one that waits for a busy disk, and it is they who are told', async () => {
    await setThreads({ writes: 'busy, then fail', from: 2 * 4096 + STRIDE });
    await expect(encrypted(CONTENT, newHeader(input()))).rejects.toMatchObject({ code: 'DiskFull' });
  });

  it('of a flush in the midst of the work end it, though a later flush would tell of nothing', async () => {
    writeFileSync(at('plain'), '');
    truncateSync(at('plain'), 1 << 28);
    rmSync(at('sealed'), { force: true });
    let flushes = 0;
    setFaultHook(({ op }) => {
      if (op === 'sync' && ++flushes === 1) throw errno('EIO');
      return undefined;
    });
    try {
      const open = newHeader(headerInput({ frameLength: 1 << 20 }));
      const work = withFiles(at('plain'), at('sealed'), (source, target) =>
        encryptFile(open, source, 1 << 28, target),
      );
      await expect(work).rejects.toMatchObject({ code: 'IoFailed', details: { path: at('sealed') } });
      expect(flushes).toBe(1);
    } finally {
      setFaultHook(undefined);
    }
  });

  it('of damaged frames name the first one, whichever thread meets it', async () => {
    const open = newHeader(input());
    damage(await encrypted(CONTENT, open), 3, 4, 5, 6, 100);
    for (let round = 0; round < 10; round++) {
      await expect(decrypted(open)).rejects.toMatchObject({
        code: 'FileDamaged',
        details: { frame: 3, from: 8192 + 2 * STRIDE, to: 8192 + 3 * STRIDE },
      });
    }
  });

  it('of a source that shrank or grew are told', async () => {
    writeFileSync(at('plain'), CONTENT);
    for (const change of [
      () => truncateSync(at('plain'), CONTENT.length - 1),
      () => appendFileSync(at('plain'), '12'),
    ]) {
      change();
      rmSync(at('sealed'), { force: true });
      await expect(
        withFiles(at('plain'), at('sealed'), (source, target) =>
          encryptFile(newHeader(input()), source, CONTENT.length, target),
        ),
      ).rejects.toMatchObject({ code: 'SourceChanged' });
    }
  });

  it('can be collected: bad frames are left out and named, the others are written', async () => {
    const open = newHeader(input());
    damage(await encrypted(CONTENT, open), 3, 4, 5, 100);
    const expected = Buffer.from(CONTENT);
    for (const frame of [3, 4, 5, 100]) expected.fill(0, (frame - 1) * FRAME, frame * FRAME);
    for (const run of [runFrames, runFramesHere]) {
      rmSync(at('back'), { force: true });
      const ran = await withFiles(at('sealed'), at('back'), async (source, sink) => {
        const { body, plan } = await checkFile(source, nativeBody(open));
        return run({ kind: 'decrypt', body, plan, source, sink, onBad: 'collect' }, {});
      });
      expect(ran).toEqual({
        bytes: CONTENT.length - 4 * FRAME,
        bad: [
          { first: 3, last: 5 },
          { first: 100, last: 100 },
        ],
      });
      expect(readFileSync(at('back')).equals(expected)).toBe(true);
    }
  });
});

describe('the shared key', () => {
  it('is gone when the work is done', async () => {
    const open = newHeader(input());
    writeFileSync(at('plain'), CONTENT);
    rmSync(at('sealed'), { force: true });
    const seen = new Set<Uint8Array>();
    setAeadWitness((key) => seen.add(key));
    try {
      await withFiles(at('plain'), at('sealed'), async (source, sink) => {
        const body = nativeBody(open);
        const plan = { frames: 2, plaintextLength: FRAME + 5, finalOffset: STRIDE, finalLength: 5 };
        writeFileSync(at('plain'), CONTENT.subarray(0, FRAME + 5));
        await runFramesHere({ kind: 'encrypt', body, plan, source, sink }, {});
      });
    } finally {
      setAeadWitness(undefined);
    }
    expect([...seen].map((key) => key.length)).toEqual([32]);
    for (const key of seen) expect(Buffer.from(key).equals(Buffer.alloc(32))).toBe(true);
  });
});
