/**
 * Runs in a mount namespace of its own, on a small disk mounted at the folder named: fills the disk to the last
 * byte and appends entries until the reserve is spent. Prints what happened as one line of JSON.
 */
import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditReserve, fillAuditReserve } from '../../../src/main/audit/reserve.ts';
import { Store } from '../../../src/main/store/database.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import { event, openLog } from './support.ts';

const folder = process.argv[2] ?? '';
const path = join(folder, 'vault.db');
const reserve = auditReserve(path, true);
const filled = await fillAuditReserve(reserve, true);
let store = Store.open(path, 'create', { reserve });
let log = openLog(store, systemClock, 'create');

function fillDisk(): void {
  const { bsize, bavail } = statfsSync(folder);
  try {
    writeFileSync(join(folder, 'filler'), Buffer.alloc(bsize * bavail), { flag: 'a' });
  } catch {
    // The last block may belong to the file's own bookkeeping.
  }
}

fillDisk();
const heldAtFirst = reserve.left;
let written = 0;
let code = '';
for (; written < 20_000 && code === ''; written++) {
  try {
    await log.group((tx) => log.append(tx, event('Decrypt', { file: { path: `/files/${written}` } })));
  } catch (error) {
    code = isKeywardError(error) ? error.code : String(error);
    written -= 1;
  }
}
const whileFull = await log.verify();
log.hold(event('Decrypt', { file: { path: '/files/held' } }));
const heldBack = log.held;
rmSync(join(folder, 'filler'));
await log.group((tx) => log.append(tx, event('Encrypt')));
const refilled = await fillAuditReserve(reserve, true);
store.close();

fillDisk();
store = Store.open(path, 'existing', { reserve });
log = openLog(store, systemClock, 'existing');
await log.group((tx) => log.append(tx, event('UnlockVault')));
const afterReopening = await log.verify();
store.close();

const left = reserve.left;
console.log(
  JSON.stringify({ filled, heldAtFirst, written, code, whileFull, heldBack, refilled, afterReopening, left }),
);
