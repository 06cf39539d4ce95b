/**
 * The frame engine by itself, in a process of its own; prints the milliseconds of the work alone:
 * engine.child.ts encrypt SOURCE TARGET | decrypt SOURCE TARGET | calibrate MEGABYTES | profile SOURCE TARGET. It
 * takes as many threads as the process may use cores, two at most. `calibrate` encrypts in memory, with nothing
 * read or written; `profile` prints where the time goes.
 */
import { randomBytes } from 'node:crypto';
import { openSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { gcmEncryptInto } from '../src/main/crypto/aead.ts';
import { type OpenFile, openFile } from '../src/main/disk/file.ts';
import { checkFile } from '../src/main/envelope/body.ts';
import { newHeader } from '../src/main/envelope/compose.ts';
import { endThreads } from '../src/main/envelope/engine/pool.ts';
import { decryptInto, encryptFile } from '../src/main/envelope/files.ts';
import { nativeBody } from '../src/main/envelope/native-body.ts';

const MIB = 1 << 20;

/** A header of its own making: key and message id are known here, so that a second process can decrypt. */
function header() {
  const [messageId, dataKey] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  return newHeader({ messageId, dataKey, context: {}, slots: [slot] });
}

// The engine does not look at slots; a header must have one.
const slot = {
  kind: 'aws',
  keyArn: 'arn:aws:kms:eu-central-1:000000000000:key/00000000-0000-4000-8000-000000000000',
  versionId: undefined,
  wrapped: Buffer.alloc(100),
} as const;

async function onFiles(
  source: string,
  target: string,
  work: (from: OpenFile, to: OpenFile) => Promise<unknown>,
) {
  rmSync(target, { force: true });
  const [from, to] = [await openFile(source, 'read'), await openFile(target, 'create')];
  await warmUp(`${target}.warm`);
  const start = performance.now();
  await work(from, to);
  const spent = performance.now() - start;
  await from.release();
  await to.close();
  await endThreads();
  return spent;
}

/** Starts the threads: calibration does not count their start either. */
async function warmUp(path: string): Promise<void> {
  const sealed = `${path}.sealed`;
  for (const file of [path, sealed]) rmSync(file, { force: true });
  writeFileSync(path, Buffer.alloc(64 * MIB));
  const [from, to] = [await openFile(path, 'read'), await openFile(sealed, 'create')];
  await encryptFile(header(), from, 64 * MIB, to);
  await from.release();
  await to.close();
  for (const file of [path, sealed]) rmSync(file);
}

/** The shares of one thread's time that reading, AES-GCM and writing take, frame by frame, in percent. */
function profile(source: string, target: string): string {
  const [from, to] = [openSync(source, 'r'), openSync(target, 'w')];
  const [key, plaintext, output] = [randomBytes(32), Buffer.alloc(MIB), Buffer.alloc(MIB + 16)];
  const [iv, aad] = [Buffer.alloc(12), Buffer.alloc(64)];
  const spent = [0, 0, 0];
  let last = performance.now();
  const lap = (n: number) => {
    const now = performance.now();
    spent[n] = (spent[n] ?? 0) + now - last;
    last = now;
  };
  for (let n = 0; readSync(from, plaintext, 0, MIB, n * MIB) === MIB; n++) {
    lap(0);
    iv.writeUInt32BE(n, 8);
    gcmEncryptInto(output, key, iv, aad, plaintext);
    lap(1);
    writeSync(to, output, 0, output.length, n * output.length);
    lap(2);
  }
  const all = spent.reduce((a, b) => a + b, 0);
  return spent.map((ms) => `${((100 * ms) / all).toFixed(0)} %`).join(', ');
}

/** Encrypts this many frames of 1 MiB in memory. */
function grind(frames: number): void {
  const [key, plaintext, output] = [randomBytes(32), Buffer.alloc(MIB, 7), Buffer.alloc(MIB + 16)];
  const iv = Buffer.alloc(12);
  for (let n = 0; n < frames; n++) {
    iv.writeUInt32BE(n, 8);
    gcmEncryptInto(output, key, iv, Buffer.alloc(64), plaintext);
  }
}

async function calibrate(megabytes: number): Promise<number> {
  const count = Math.min(2, availableParallelism());
  const threads = Array.from(
    { length: count },
    () => new Worker(new URL(import.meta.url), { workerData: Math.floor(megabytes / count) }),
  );
  const message = (thread: Worker) => new Promise((resolve) => thread.once('message', resolve));
  await Promise.all(threads.map(message));
  const start = performance.now();
  const done = threads.map(message);
  for (const thread of threads) thread.postMessage('go');
  await Promise.all(done);
  return performance.now() - start;
}

if (!isMainThread) {
  parentPort?.once('message', () => {
    grind(Number(workerData));
    parentPort?.postMessage('done');
  });
  parentPort?.postMessage('ready');
} else {
  const [job = '', source = '', target = ''] = process.argv.slice(2);
  const spent =
    job === 'profile'
      ? profile(source, target)
      : job === 'calibrate'
        ? await calibrate(Number(source))
        : await onFiles(source, target, async (from, to) => {
            if (job === 'encrypt') await encryptFile(header(), from, (await from.stat()).size, to);
            else await decryptInto(await checkFile(from, nativeBody(header())), to);
          });
  console.log(spent);
}
