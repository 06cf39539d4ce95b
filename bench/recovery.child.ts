import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimHome, initVault, openSession, type Session } from '../src/main/api/index.ts';
import { ARGON2_FLOOR, passphraseKey } from '../src/main/crypto/passphrase.ts';
import type { Input, Method } from '../src/shared/contract.ts';
import type { Credential } from '../src/shared/credential.ts';
import { fromErrorBody } from '../src/shared/errors.ts';

/*
 * Makes a vault with as many keys as the first word says, and so often as the second says: unlocks it by passphrase, beside
 * Argon2id alone; by its phrase; and for rescue, the third page of its database broken. Prints the milliseconds of each as JSON.
 */

const [keys = 0, rounds = 1] = process.argv.slice(2).map(Number);
const PASSPHRASE = 'a passphrase for measuring';
const folder = mkdtempSync(join(tmpdir(), 'keyward-bench-recovery-'));
const home = join(folder, 'home');

async function claimed() {
  const claim = await claimHome(home);
  if (claim === undefined) throw new Error('the home is taken');
  return claim;
}

async function call<M extends Method>(session: Session, method: M, input: Input<M>): Promise<void> {
  const signal = new AbortController().signal;
  const answer = await session.call(method, input, { client: 'cli', signal, progress: () => undefined });
  if (!answer.ok) throw fromErrorBody(answer.error);
}

/** Opens the vault, and closes it again; how long it took until it was open, in milliseconds. */
async function opening(credential: () => Credential, inRescue: boolean): Promise<number> {
  const claim = await claimed();
  const given = credential();
  const began = performance.now();
  const session = await openSession(claim, { credential: given, kind: 'window' });
  const took = performance.now() - began;
  if ((session.rescue !== undefined) !== inRescue) throw new Error('it did not open as it should');
  await session.close();
  await claim.release();
  return took;
}

const claim = await claimed();
const { phrase } = await initVault(claim, {
  throwAway: false,
  keychain: false,
  passphrase: Buffer.from(PASSPHRASE),
  parts: { cost: ARGON2_FLOOR },
});
const session = await openSession(claim, { credential: { kind: 'recovery-phrase', phrase }, kind: 'window' });
for (let made = 1; made < keys; made += 64) {
  const names = Array.from({ length: Math.min(64, keys - made) }, (_, at) => `key-${made + at}`);
  await Promise.all(names.map((alias) => call(session, 'keys.create', { alias, description: '' })));
}
await session.close();
await claim.release();

const byPassphrase = () => ({ kind: 'passphrase', bytes: Buffer.from(PASSPHRASE) }) as const;
const byPhrase = () => ({ kind: 'recovery-phrase', phrase }) as const;
const times = {
  passphrase: [] as number[],
  argon2: [] as number[],
  phrase: [] as number[],
  rescue: [] as number[],
};
for (let round = 0; round < rounds; round++) {
  times.passphrase.push(await opening(byPassphrase, false));
  const began = performance.now();
  await passphraseKey(Buffer.from(PASSPHRASE), randomBytes(16), ARGON2_FLOOR);
  times.argon2.push(performance.now() - began);
  times.phrase.push(await opening(byPhrase, false));
}
for (const name of readdirSync(home)) if (/^vault\.db-(wal|shm)$/.test(name)) rmSync(join(home, name));
const path = join(home, 'vault.db');
const bytes = readFileSync(path);
writeFileSync(path, bytes.fill(0x5a, 8_192, 12_288));
for (let round = 0; round < rounds; round++) times.rescue.push(await opening(byPhrase, true));
rmSync(folder, { recursive: true, force: true });
console.log(JSON.stringify(times));
