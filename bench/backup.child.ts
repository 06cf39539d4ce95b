import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimHome, initVault, openSession } from '../src/main/api/index.ts';
import type { Input, Method } from '../src/shared/contract.ts';
import { fromErrorBody } from '../src/shared/errors.ts';

/*
 * Makes a vault with as many keys as the first word says, each of one version, and then backups, so often as the second
 * says; prints the milliseconds of each, until it was read back, as JSON.
 */

const [keys = 0, rounds = 1] = process.argv.slice(2).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'keyward-bench-backup-'));
const claim = await claimHome(join(folder, 'home'));
if (claim === undefined) throw new Error('the home is taken');
const { phrase } = await initVault(claim, { throwAway: false, keychain: false });
const session = await openSession(claim, { credential: { kind: 'recovery-phrase', phrase }, kind: 'window' });

async function call<M extends Method>(method: M, input: Input<M>): Promise<void> {
  const signal = new AbortController().signal;
  const answer = await session.call(method, input, { client: 'cli', signal, progress: () => undefined });
  if (!answer.ok) throw fromErrorBody(answer.error);
}

for (let made = 1; made < keys; made++) await call('keys.create', { alias: `key-${made}`, description: '' });
const target = join(folder, 'stick');
mkdirSync(target);
const times: number[] = [];
for (let round = 0; round < rounds; round++) {
  const began = performance.now();
  await call('backup.create', { folder: target });
  times.push(performance.now() - began);
}
await session.close();
await claim.release();
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(times));
