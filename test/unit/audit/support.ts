import Database from 'better-sqlite3';
import { z } from 'zod';
import type { AuditEvent } from '../../../src/main/audit/event.ts';
import { AuditLog } from '../../../src/main/audit/log.ts';
import { unpackBody } from '../../../src/main/audit/packed-body.ts';
import { hmacSha256 } from '../../../src/main/crypto/hash.ts';
import type { Store } from '../../../src/main/store/database.ts';
import { Records } from '../../../src/main/store/records.ts';
import type { Clock } from '../../../src/shared/clock.ts';
import type { Json } from '../../../src/shared/errors.ts';

/** The vault of these tests. */
export const VAULT = { id: '11111111-2222-4333-8444-555555555555', account: '000000000000', region: 'local' };

function key(label: string): Buffer {
  return hmacSha256(Buffer.alloc(32, 9), Buffer.from(label));
}

/** The text of all entries that a database has, whatever form they are stored in. */
export function entryTexts(path: string): string[] {
  const db = new Database(path, { readonly: true });
  try {
    const bodies = db.prepare('SELECT body FROM audit ORDER BY seq').pluck().all() as Buffer[];
    return bodies.map((body) => unpackBody(body) ?? '');
  } finally {
    db.close();
  }
}

/** Edits the text of a stored entry from outside, whatever form it is stored in. Throws if it has no such text. */
export function editEntry(path: string, seq: number, from: string, to: string): void {
  const db = new Database(path);
  try {
    const row = db.prepare('SELECT body FROM audit WHERE seq = ?').get(seq) as { body: Buffer };
    const text = unpackBody(row.body) ?? '';
    if (!text.includes(from)) throw new Error(`entry ${seq} has no ${from}`);
    db.prepare('UPDATE audit SET body = ? WHERE seq = ?').run(Buffer.from(text.replaceAll(from, to)), seq);
  } finally {
    db.close();
  }
}

/** The log of a store, as an unlock opens it; `create` begins records and log of a new vault. */
export function openLog(store: Store, clock: Clock, how: 'create' | 'existing'): AuditLog {
  const records = new Records({ row: key('row'), set: key('set') });
  const log = new AuditLog(
    store,
    records,
    { mac: key('mac'), names: key('names'), index: key('index') },
    VAULT,
    clock,
  );
  if (how === 'existing') store.read((tx) => records.verifyAll(tx));
  else {
    store.write((tx) => {
      records.create(tx);
      log.create(tx);
    });
  }
  return log;
}

/** Makes a log what an older version left: without a search index. */
export function forgetIndex(store: Store): void {
  // What was opened before knows nothing of it: the log is to be opened anew.
  const records = new Records({ row: key('row'), set: key('set') });
  store.write((tx) => {
    records.verifyAll(tx);
    const { index: _gone, ...head } = records.get(tx, 'audit', 'head', z.looseObject({})) ?? {};
    records.put(tx, 'audit', 'head', head as Json);
    tx.run('DELETE FROM audit_terms');
    tx.run('DELETE FROM audit_blocks');
  });
}

/** An event as the key core reports one. */
export function event(name: string, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    eventName: name,
    principal: 'arn:aws:iam::000000000000:user/owner',
    readOnly: true,
    keyArns: ['arn:aws:kms:local:000000000000:key/a'],
    requestParameters: { KeyId: 'alias/my-files' },
    ...more,
  };
}
