import { createHash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Decision, decide } from '../../../src/main/repair/decide.ts';
import type { Evidence } from '../../../src/main/repair/witnesses.ts';
import type { RecordRow } from '../../../src/main/store/record-row.ts';

const macOf: Evidence['macOf'] = ({ room, id, body }) =>
  createHash('sha256').update(`${room}\0${id}\0`).update(body).digest();

function rowOf(room: string, id: string, body: object): RecordRow {
  const row = { room, id, body: Buffer.from(JSON.stringify(body)) };
  return { ...row, mac: macOf(row) };
}

const KEY = randomUUID();
const VERSION = `${KEY}/${'a'.repeat(64)}`;
const GRANT = `${KEY}/${'b'.repeat(64)}`;
const NOW = 1_700_000_000_000;

/** What a repair decides where only the rows of `open` are in doubt; `lost`: of these the name alone is known. */
function decided(
  rows: readonly RecordRow[],
  open: readonly string[],
  lost: readonly string[] = [],
): Decision {
  const all = [
    rowOf('keys', KEY, { state: 'Enabled', current: 'a'.repeat(64), created: 1 }),
    rowOf('key-versions', VERSION, { created: 1, wrapped: 'x' }),
    ...rows,
  ];
  return decide(
    {
      survey: {
        ...{ rows: all, broken: [] },
        sightings: all.map((row) => ({
          ...{ room: row.room, id: row.id },
          proof: open.includes(row.room) ? undefined : row.mac,
          database: lost.includes(row.room) ? undefined : row,
          second: undefined,
        })),
        unproven: open.map((room) => ({ from: `${room}\0`, to: `${room}\u{1}` })),
      },
      ...{ second: undefined, backup: undefined, macOf },
    },
    {
      ...{ now: NOW, owner: ['arn:aws:iam::000000000000:user/owner'] },
      protectors: { opener: 'none', mayDoubt: () => false, record: () => false },
    },
  );
}

const bodies = ({ rows }: Decision, room: string) =>
  rows.filter((row) => row.room === room).map(({ body }): unknown => JSON.parse(body.toString()));

describe('a repair keeps the mark of what was taken away, whatever proves it', () => {
  const mark = rowOf('revoked-grants', GRANT, { revoked: 5 });
  const grant = rowOf('grants', GRANT, { grantee: 'x', operations: ['Decrypt'], created: 1, issuer: 'y' });

  it('of a grant that was revoked: else an older backup would bring it back', () => {
    expect(bodies(decided([mark], ['revoked-grants']), 'revoked-grants')).toEqual([{ revoked: 5 }]);
    expect(bodies(decided([mark], ['revoked-grants'], ['revoked-grants']), 'revoked-grants')).toEqual([
      { revoked: NOW },
    ]);
    expect(bodies(decided([mark, grant], ['revoked-grants']), 'grants')).toEqual([]);
  });

  it('of a revocation that was not finished', () => {
    const pending = rowOf('revocations', 'pending', { kind: 'passphrase', since: 3 });
    expect(bodies(decided([pending], ['revocations']), 'revocations')).toEqual([
      { kind: 'passphrase', since: 3 },
    ]);
    const { steps } = decided([pending], ['revocations'], ['revocations']);
    expect(steps.find(({ row }) => row.startsWith('revocations/'))?.message).toMatch(/revoke once more/);
  });
});

it('a repair tells anew that a key in doubt is about to be shredded: that may have been taken back', () => {
  const id = randomUUID();
  const deletion = { date: 3, days: 7 };
  const key = {
    ...{ spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT', origin: 'AWS_KMS', description: '' },
    ...{ created: 1, current: 'a'.repeat(64), state: 'PendingDeletion' },
  };
  const rows = [
    rowOf('keys', id, { ...key, deletion: { ...deletion, seen: 4 } }),
    rowOf('key-versions', `${id}/${'a'.repeat(64)}`, { created: 1, wrapped: 'x' }),
  ];
  const found = bodies(decided(rows, ['keys']), 'keys').find(
    (body) => (body as { state?: unknown }).state === 'PendingDeletion',
  );
  expect(found).toEqual({ ...key, deletion });
});
