/**
 * One job over a large stream, in a process of its own, so that its peak of memory is its own:
 * large.child.ts encryptStream|decryptStream FOLDER PHRASE-FILE. It takes standard input
 * to standard output; the rest is told on standard error as one line of JSON.
 */
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { LiveVault } from '../support/live-vault.ts';

const [job = '', folder = '', phraseFile = ''] = process.argv.slice(2);
const live = await LiveVault.at(folder, readFileSync(phraseFile, 'utf8').trim());
const began = performance.now();

/** Standard output, told to be done when the system has taken the bytes. */
const output = new Writable({
  highWaterMark: 1 << 20,
  write(chunk: Buffer, _encoding, done) {
    process.stdout.write(chunk, () => done());
  },
});
const streams = { input: process.stdin as AsyncIterable<Buffer>, output };

async function work(): Promise<number> {
  switch (job) {
    case 'encryptStream':
      return (await live.call('files.encryptStream', {}, { streams })).bytes;
    case 'decryptStream':
      return (await live.call('files.decryptStream', { buffered: false }, { streams })).bytes;
    default:
      throw new Error(`no such job: ${job}`);
  }
}

const bytes = await work();
const milliseconds = performance.now() - began;
await live.leave();
const peak = process.resourceUsage().maxRSS * 1024;
process.stderr.write(`${JSON.stringify({ bytes, peak, milliseconds: Math.round(milliseconds) })}\n`);
