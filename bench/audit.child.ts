/**
 * The audit log with many entries, over a vault on the disk: audit.child.ts ENTRIES. Half of them are of files, each
 * with a message id and a path of its own. Prints one JSON object: milliseconds of a page of 100 for each kind of
 * search, the median of `ROUNDS`, and the bytes that an entry takes in the log and in its index.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditLog } from '../src/main/audit/log.ts';
import type { AuditQuery } from '../src/main/audit/search.ts';
import { Store } from '../src/main/store/database.ts';
import { Records } from '../src/main/store/records.ts';
import { median } from './table.ts';

const ROUNDS = 7;
const GROUP = 1_000;
const HALF_MINUTE = 30_000;
const [entries = 1_000_000] = process.argv.slice(2).map(Number);

const folder = mkdtempSync(join(tmpdir(), 'keyward-bench-audit-'));
const store = Store.open(join(folder, 'vault.db'), 'create');
const records = new Records({ row: randomBytes(32), set: randomBytes(32) });
const vault = { id: '5a1d7f6e-0f6c-4c49-9d0e-0c2f6f1f7a10', account: '000000000000', region: 'local' };
const begin = Date.UTC(2026, 0, 1);
let now = begin;
const keys = { mac: randomBytes(32), names: randomBytes(32), index: randomBytes(32) };
const log = new AuditLog(store, records, keys, vault, { now: () => now });
store.write((tx) => {
  records.create(tx);
  log.create(tx);
});

const keyArn = (n: number) =>
  `arn:aws:kms:local:000000000000:key/5a1d7f6e-0f6c-4c49-9d0e-${String(n).padStart(12, '0')}`;
const user = (name: string) => `arn:aws:iam::000000000000:user/${name}`;
const messageId = (n: number) => n.toString(16).padStart(64, '0');
const path = (n: number) => `/home/somebody/Documents/Letters/Letter number ${n}.pdf`;
const rare = Math.floor(entries / 3);

for (let n = 0; n < entries; ) {
  store.write((tx) => {
    for (const end = Math.min(entries, n + GROUP); n < end; n++) {
      now += HALF_MINUTE;
      const isFile = n % 2 === 0;
      log.append(tx, {
        eventName: isFile ? 'GenerateDataKey' : n % 5 === 0 ? 'DescribeKey' : 'Decrypt',
        principal: user(n % 3 === 0 ? 'cli' : 'owner'),
        readOnly: true,
        keyArns: [keyArn(n === rare ? 99 : n % 7)],
        requestParameters: {
          keyId: 'alias/my-files',
          keySpec: 'AES_256',
          ...(isFile ? { encryptionContext: { 'keyward:message-id': messageId(n) } } : {}),
        },
        responseElements: { keyMaterialId: messageId(n % 7) },
        ...(n % 97 === 0 ? { errorCode: 'AccessDeniedException', errorMessage: 'Not allowed.' } : {}),
        ...(isFile ? { file: { path: path(n) } } : {}),
      });
    }
  });
}
store.checkpoint();

function milliseconds(query: AuditQuery): number {
  const samples = Array.from({ length: ROUNDS }, () => {
    const began = performance.now();
    log.search({ limit: 100, ...query });
    return performance.now() - began;
  });
  return Math.round(median(samples) * 10) / 10;
}

function bytesAnEntry(...tables: readonly string[]): number {
  const sizes = tables.map(
    (name) =>
      store.read((tx) => tx.get<{ n: number }>('SELECT sum(pgsize) AS n FROM dbstat WHERE name = ?', name))
        ?.n ?? Number.NaN,
  );
  return Math.round((sizes.reduce((sum, size) => sum + size, 0) / entries) * 10) / 10;
}

const aFile = { messageId: messageId(rare - (rare % 2)), path: path(2) };
const aWeek = { since: begin + 864e5, until: begin + 8 * 864e5 };
const answer = {
  'the newest, ms': milliseconds({}),
  'one file of all, ms': milliseconds({ file: aFile }),
  'a key used once, ms': milliseconds({ keyArn: keyArn(99) }),
  'a key never used, ms': milliseconds({ keyArn: keyArn(98) }),
  'refusals of one principal, ms': milliseconds({ outcome: 'failure', principal: user('cli') }),
  // Each of the three is common, and no entry has all of them.
  'what is never together, ms': milliseconds({
    ...{ eventName: 'DescribeKey', outcome: 'failure', keyArn: keyArn(99), principal: user('owner') },
  }),
  'a week long ago, ms': milliseconds(aWeek),
  'refusals of that week, ms': milliseconds({ ...aWeek, outcome: 'failure' }),
  'bytes of an entry in the log': bytesAnEntry('audit'),
  'bytes of an entry in its index': bytesAnEntry('audit_terms', 'audit_blocks'),
};
console.log(JSON.stringify(answer));
store.close();
rmSync(folder, { recursive: true, force: true });
