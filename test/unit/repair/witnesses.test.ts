import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Evidence, Witnesses } from '../../../src/main/repair/witnesses.ts';
import { type RecordRow, recordKey } from '../../../src/main/store/record-row.ts';
import { isWithin } from '../../../src/main/store/rescue/salvage-records.ts';
import { numbers, SEED } from '../../support/random.ts';

const ROUNDS =
  { quick: 3_000, full: 30_000, long: 300_000 }[process.env['KEYWARD_TEST_LEVEL'] ?? 'quick'] ?? 0;

const macOf: Evidence['macOf'] = ({ room, id, body }) =>
  createHash('sha256').update(`${room}\0${id}\0`).update(body).digest();

function rowOf(room: string, id: string, body: object): RecordRow {
  const row = { room, id, body: Buffer.from(JSON.stringify(body)) };
  return { ...row, mac: macOf(row) };
}

type State = ReadonlyMap<string, RecordRow>;

const NAMES = ['a', 'b', 'c'].map((id) => ['keys', id] as const);
const COUNT = ['keys-file', 'state'] as const;

/** The states that a vault has been in: each change writes or removes one row, and counts. */
function historyOf(below: (n: number) => number): State[] {
  const states: State[] = [new Map()];
  const changes = 2 + below(6);
  for (let change = 1; change <= changes; change += 1) {
    const next = new Map(states.at(-1));
    const [room, id] = NAMES[below(NAMES.length)] ?? ['keys', 'a'];
    if (below(4) === 0) next.delete(recordKey(room, id));
    else next.set(recordKey(room, id), rowOf(room, id, { is: below(3) }));
    next.set(recordKey(...COUNT), rowOf(...COUNT, { change }));
    states.push(next);
  }
  return states;
}

/** What is left of a vault of which at least one of three is the newest, is known to be, and none is whole for sure. */
function evidenceOf(states: readonly State[], below: (n: number) => number): Evidence {
  const last = states.length - 1;
  const aged = () => (below(2) === 0 ? last : below(last + 1));
  const ages = { database: aged(), second: aged(), backup: aged() };
  const who = (['database', 'second', 'backup'] as const)[below(3)] ?? 'database';
  ages[who] = last;
  const database = states[ages.database] ?? new Map();
  const second = below(4) === 0 && who !== 'second' ? undefined : (states[ages.second] ?? new Map());
  const backup = below(4) === 0 && who !== 'backup' ? undefined : (states[ages.backup] ?? new Map());
  const isSecondWhole = below(2) === 0;
  const names = [...NAMES, COUNT].map(([room, id]) => recordKey(room, id));
  // Of what is under no proof, rows may be lost. The count of a database that is the newest is not.
  const unproven = names
    .filter((name) => name !== recordKey(...COUNT) && below(2) === 0)
    .map((name) => ({ from: name, to: `${name}\0` }));
  const sightings = [...NAMES, COUNT].map(([room, id]) => {
    const key = recordKey(room, id);
    const isOpen = isWithin(unproven, key);
    const older = states[below(ages.second + 1)]?.get(key);
    // A newer frame of a row may be what a second file has lost.
    const copy = isSecondWhole ? second?.get(key) : below(2) === 0 ? older : second?.get(key);
    return {
      ...{ room, id },
      proof: isOpen ? undefined : (database.get(key)?.mac ?? null),
      database: below(isOpen ? 2 : 4) === 0 && key !== recordKey(...COUNT) ? undefined : database.get(key),
      second: second === undefined ? undefined : copy,
    };
  });
  return {
    survey: { rows: [], broken: [], sightings, unproven },
    second: second === undefined ? undefined : { change: ages.second, isWhole: isSecondWhole },
    backup:
      backup === undefined ? undefined : { rows: backup, change: ages.backup, without: [], isWitness: true },
    macOf,
  };
}

describe('what the witnesses of a damaged vault agree on', () => {
  it(`is what the vault had last, whichever of them is the newest (seed ${SEED})`, () => {
    const below = numbers(SEED);
    let sure = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const states = historyOf(below);
      const evidence = evidenceOf(states, below);
      const witnesses = new Witnesses(evidence);
      for (const [room, id] of NAMES) {
        const found = witnesses.of(room, id);
        if (!found.certain) continue;
        sure += 1;
        const newest = states.at(-1)?.get(recordKey(room, id));
        expect(found.row?.body.toString(), `seed ${SEED}, round ${round}, ${room}/${id}`).toBe(
          newest?.body.toString(),
        );
      }
    }
    expect(sure).toBeGreaterThan(ROUNDS / 4);
  });
});
