import { parentPort } from 'node:worker_threads';
import { estimateStrength } from './strength-estimate.ts';

// A thread that estimates one passphrase after the other; what it knows of them ends with it.
parentPort?.on('message', async (bytes: Uint8Array) => {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
  bytes.fill(0);
  parentPort?.postMessage(await estimateStrength(text));
});
