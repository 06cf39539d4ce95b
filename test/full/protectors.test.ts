import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { claimHome, initVault, openSession } from '../../src/main/api/index.ts';
import type { Credential } from '../../src/shared/credential.ts';
import { CHEAP } from '../support/live-vault.ts';

/* kill -9 at moments spread over the changes of the ways to unlock. */

const MOMENTS = process.env['KEYWARD_TEST_LEVEL'] === 'long' ? 200 : 25;
/** One round of the child, a passphrase and a phrase, takes less than this, in milliseconds. */
const ROUND = 500;

const folder = mkdtempSync(join(tmpdir(), 'keyward-protectors-crash-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const home = join(folder, 'home');
const notes = join(folder, 'notes');
const child = join(import.meta.dirname, 'protectors.child.ts');

/** Whether the vault opens with this. */
async function opens(credential: Credential): Promise<boolean> {
  const claim = await claimHome(home);
  if (claim === undefined) throw new Error('the home is taken');
  try {
    const session = await openSession(claim, { credential, kind: 'command' });
    await session.close();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^Wrong/) });
    return false;
  } finally {
    await claim.release();
  }
}

/** Runs the child until `milliseconds` after it has begun, and kills it. */
async function killed(milliseconds: number, passphrase: string, phrase: string): Promise<void> {
  writeFileSync(notes, '');
  const running = spawn(process.execPath, [child, home, notes, passphrase, phrase], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = new Promise((done) => running.once('exit', done));
  await new Promise((begun) => running.stdout.once('data', begun));
  await new Promise((done) => setTimeout(done, milliseconds));
  expect(running.exitCode).toBe(null);
  running.kill('SIGKILL');
  await gone;
}

/** What the child noted: the secrets that were set for good, and the one that it was just about to set. */
function noted(): { last: { [kind: string]: string }; trying: readonly string[] | undefined } {
  const last: { [kind: string]: string } = {};
  let trying: readonly string[] | undefined;
  for (const line of readFileSync(notes, 'utf8').split('\n')) {
    if (line === 'set' && trying !== undefined) {
      last[trying[0] ?? ''] = trying[1] ?? '';
      trying = undefined;
    } else if (line.includes('\t')) trying = line.split('\t');
  }
  return { last, trying };
}

describe('a change of the ways to unlock that is killed', () => {
  it(`at ${MOMENTS} moments leaves the old way or the new one, and every other`, async () => {
    const claim = await claimHome(home);
    if (claim === undefined) throw new Error('the home is taken');
    const made = await initVault(claim, {
      ...{ passphrase: Buffer.from('the first'), keychain: false, throwAway: false },
      parts: { cost: CHEAP },
    });
    await claim.release();
    let passphrase = 'the first';
    let { phrase } = made;
    const counts = { before: 0, after: 0, between: 0 };
    for (let moment = 0; moment < MOMENTS; moment++) {
      await killed(1 + (moment * ROUND) / MOMENTS, passphrase, phrase);
      const { last, trying } = noted();
      passphrase = last['passphrase'] ?? passphrase;
      phrase = last['phrase'] ?? phrase;
      const [kind, next = ''] = trying ?? [];
      const old = {
        passphrase: await opens({ kind: 'passphrase', bytes: Buffer.from(passphrase) }),
        phrase: await opens({ kind: 'recovery-phrase', phrase }),
      };
      if (kind === undefined) {
        counts.between += 1;
        expect(old).toEqual({ passphrase: true, phrase: true });
        continue;
      }
      const opened =
        kind === 'passphrase'
          ? await opens({ kind, bytes: Buffer.from(next) })
          : await opens({ kind: 'recovery-phrase', phrase: next });
      const [changing, other] =
        kind === 'passphrase' ? [old.passphrase, old.phrase] : [old.phrase, old.passphrase];
      expect([changing !== opened, other], `moment ${moment}: ${kind}`).toEqual([true, true]);
      counts[opened ? 'after' : 'before'] += 1;
      if (!opened) continue;
      if (kind === 'passphrase') passphrase = next;
      else phrase = next;
    }
    console.log(`killed at ${MOMENTS} moments:`, counts);
    expect(counts.before).toBeGreaterThan(0);
  });
});
