/**
 * Replaces the ways to unlock the vault of a home, one after the other, until it is killed. Arguments: the home, a file
 * to which each secret is written before it is set, the passphrase and the phrase that hold at the beginning.
 */
import { appendFileSync } from 'node:fs';
import { claimHome, openSession } from '../../src/main/api/index.ts';
import type { Input, Method, Output } from '../../src/shared/contract.ts';
import { fromErrorBody } from '../../src/shared/errors.ts';
import { CHEAP } from '../support/live-vault.ts';

const [home = '', notes = '', before = '', paper = ''] = process.argv.slice(2);
const claim = await claimHome(home);
if (claim === undefined) throw new Error('the home is taken');
const credential = { kind: 'passphrase', bytes: Buffer.from(before) } as const;
const session = await openSession(claim, { credential, kind: 'command', cost: CHEAP });

async function call<M extends Method>(method: M, input: Input<M>): Promise<Output<M>> {
  const answer = await session.call(method, input, {
    client: 'cli',
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  if (!answer.ok) throw fromErrorBody(answer.error);
  return answer.value;
}

const shown = (text: string) =>
  ({ kind: 'passphrase', bytes: Buffer.from(text).toString('base64') }) as const;
let passphrase = before;
let phrase = paper;
console.log('ready');
for (let n = 0; ; n++) {
  const next = `passphrase ${process.pid} ${n}`;
  appendFileSync(notes, `passphrase\t${next}\n`);
  const changed = { how: 'replace', secret: shown(next), credential: shown(passphrase) } as const;
  await call('protectors.set', changed);
  passphrase = next;
  appendFileSync(notes, 'set\n');
  const { phrase: words } = await call('protectors.newPhrase', {});
  appendFileSync(notes, `phrase\t${words}\n`);
  const secret = { kind: 'recovery-phrase', phrase: words } as const;
  await call('protectors.set', {
    ...{ how: 'replace', secret },
    credential: n % 2 === 0 ? shown(passphrase) : { kind: 'recovery-phrase', phrase },
  });
  phrase = words;
  appendFileSync(notes, 'set\n');
}
