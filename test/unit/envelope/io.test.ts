import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { setAeadWitness } from '../../../src/main/crypto/aead.ts';
import { setFaultHook } from '../../../src/main/disk/fault-hook.ts';
import { openFile } from '../../../src/main/disk/file.ts';
import { decryptFile } from '../../../src/main/envelope/body.ts';
import { newHeader } from '../../../src/main/envelope/compose.ts';
import { encryptStream } from '../../../src/main/envelope/encrypt.ts';
import { fileSink, fileSource, streamSink, streamSource } from '../../../src/main/envelope/io.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import {
  AREA,
  checkBytes,
  decryptBytes,
  encryptBytes,
  FRAME,
  headerInput,
  memorySink,
  memorySource,
  pattern,
} from './support.ts';

const errno = (code: string) => Object.assign(new Error(code), { code });

describe('encryption to and from files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keyward-flow-'));
  });
  afterEach(() => {
    setFaultHook(undefined);
    setAeadWitness(undefined);
    rmSync(folder, { recursive: true });
  });

  async function encryptFile(plaintext: Buffer) {
    const input = headerInput();
    const from = join(folder, 'in');
    const to = join(folder, 'out');
    rmSync(to, { force: true });
    writeFileSync(from, plaintext);
    const [source, target] = [await openFile(from, 'read'), await openFile(to, 'create')];
    try {
      await encryptStream(newHeader(input), fileSource(source, 0, plaintext.length), fileSink(target));
    } finally {
      await source.close();
      await target.close();
    }
    return { bytes: readFileSync(to), dataKey: input.dataKey };
  }

  it('never uses a key and IV twice, whatever the disk does (property 11)', async () => {
    const seen = new Set<string>();
    setAeadWitness((key, iv) => {
      const pair = Buffer.concat([key, iv]).toString('base64');
      if (seen.has(pair)) throw new Error('a key and IV were used twice');
      seen.add(pair);
    });
    let failed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 6 * FRAME }),
        fc.infiniteStream(fc.integer({ min: 1, max: 5000 })),
        fc.infiniteStream(fc.integer({ min: 0, max: 30 })),
        async (length, amounts, luck) => {
          setFaultHook((step) => {
            const fate = step.op === 'write' || step.op === 'read' ? luck.next().value : 9;
            if (step.op === 'write' && fate < 2) throw errno(fate === 0 ? 'EIO' : 'ENOSPC');
            return { atMost: amounts.next().value };
          });
          try {
            const { bytes, dataKey } = await encryptFile(pattern(length));
            setFaultHook(undefined);
            expect((await decryptBytes(bytes, dataKey)).plaintext.equals(pattern(length))).toBe(true);
          } catch (error) {
            if (!isKeywardError(error, 'IoFailed', 'DiskFull')) throw error;
            failed++;
          }
        },
      ),
      { numRuns: 80 },
    );
    expect(failed).toBeGreaterThan(5);
    expect(seen.size).toBeGreaterThan(80);
  });

  it('tries a busy file again with the same ciphertext (pitfall 28)', async () => {
    const seen = new Set<string>();
    setAeadWitness((key, iv) => {
      const pair = Buffer.concat([key, iv]).toString('base64');
      expect(seen.has(pair)).toBe(false);
      seen.add(pair);
    });
    let busy = 0;
    setFaultHook((step) => {
      if (step.op === 'write' && step.offset === 2 * 4096 && busy++ < 2) throw errno('EBUSY');
      return undefined;
    });
    const { bytes, dataKey } = await encryptFile(pattern(3 * FRAME));
    expect(busy).toBe(3);
    expect((await decryptBytes(bytes, dataKey)).plaintext.equals(pattern(3 * FRAME))).toBe(true);
  });

  it('names the cause when a disk fills (pitfall 7)', async () => {
    setFaultHook((step) => {
      if (step.op === 'write' && (step.offset ?? 0) > 10_000) throw errno('ENOSPC');
      return undefined;
    });
    await expect(encryptFile(pattern(5 * FRAME))).rejects.toMatchObject({ code: 'DiskFull' });
  });
});

describe('pipes', () => {
  it('go in at any chunking', async () => {
    const plaintext = pattern(3 * FRAME + 5);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 6000 }), { maxLength: 20 }), async (cuts) => {
        async function* chunks() {
          let at = 0;
          for (const cut of cuts) {
            yield plaintext.subarray(at, at + cut);
            at += cut;
          }
          yield plaintext.subarray(at);
        }
        const input = headerInput();
        const sink = memorySink();
        await encryptStream(newHeader(input), streamSource(chunks(), 'standard input'), sink);
        expect((await decryptBytes(sink.bytes(), input.dataKey)).plaintext.equals(plaintext)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('read no further ahead of a slow consumer than a few frames (pitfall 14)', async () => {
    let given = 0;
    let taken = 0;
    async function* endless() {
      for (let i = 0; i < 200; i++) {
        given += FRAME;
        yield pattern(FRAME);
      }
    }
    let most = 0;
    const slow = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        taken += chunk.length;
        most = Math.max(most, given - taken);
        setImmediate(done);
      },
    });
    const source = streamSource(endless(), 'standard input');
    await encryptStream(newHeader(headerInput()), source, streamSink(slow, 'standard output'));
    expect(most).toBeLessThan(5 * FRAME);
  });

  it('give a slow reader what was verified before a damage, and nothing else', async () => {
    for (const damaged of [2, 3]) {
      const { file, dataKey } = await encryptBytes(pattern(3 * FRAME + 1));
      const at = 2 * AREA + (damaged - 1) * (FRAME + 32) + 100;
      file.writeUInt8(file.readUInt8(at) ^ 1, at);
      const got: Buffer[] = [];
      const slow = new Writable({
        highWaterMark: 1,
        write(chunk: Buffer, _encoding, done) {
          setTimeout(() => {
            got.push(Buffer.from(chunk));
            done();
          }, 20);
        },
      });
      const work = decryptFile(await checkBytes(file, dataKey), streamSink(slow, 'to standard output'));
      await expect(work).rejects.toMatchObject({ code: 'FileDamaged', details: { frame: damaged } });
      await new Promise((resolve) => slow.end(resolve));
      expect(Buffer.concat(got).equals(pattern((damaged - 1) * FRAME))).toBe(true);
    }
  });

  it('end with one error when the reader has gone, even while the writer is silent', async () => {
    const silent = new PassThrough();
    silent.write(pattern(2 * FRAME));
    const gone = new Writable({ write: (_chunk, _encoding, done) => done(errno('EPIPE')) });
    const work = encryptStream(
      newHeader(headerInput()),
      streamSource(silent, 'standard input'),
      streamSink(gone, 'standard output'),
    );
    await expect(work).rejects.toMatchObject({
      code: 'IoFailed',
      reason: 'other-end-stopped',
    });
  });

  it.each(['a source that never answers', 'a sink that never takes'])(
    'can be cancelled at %s',
    async (which) => {
      const silent = new PassThrough();
      const stuck = new Writable({ write: () => {} });
      const source = which.includes('source') ? streamSource(silent, 'in') : memorySource(pattern(4 * FRAME));
      const sink = which.includes('sink') ? streamSink(stuck, 'out') : memorySink();
      const stopper = new AbortController();
      const work = encryptStream(newHeader(headerInput()), source, sink, { signal: stopper.signal });
      setTimeout(() => stopper.abort(), 20);
      await expect(work).rejects.toMatchObject({ code: 'Cancelled' });
    },
  );

  it('report progress in plaintext bytes', async () => {
    const seen: number[] = [];
    const input = headerInput();
    await encryptStream(newHeader(input), memorySource(pattern(2 * FRAME + 9)), memorySink(), {
      onProgress: (done) => seen.push(done),
    });
    expect(seen).toEqual([FRAME, 2 * FRAME, 2 * FRAME + 9]);
  });

  it('stop before the first byte when cancelled before', async () => {
    const sink = memorySink();
    const work = encryptStream(newHeader(headerInput()), memorySource(pattern(9)), sink, {
      signal: AbortSignal.abort(),
    });
    await expect(work).rejects.toMatchObject({ code: 'Cancelled' });
    expect(sink.bytes().length).toBe(0);
  });

  it('leave no plaintext in the file', async () => {
    const { file } = await encryptBytes(Buffer.alloc(3 * FRAME, 'canary'));
    expect(file.includes('canary')).toBe(false);
  });
});
