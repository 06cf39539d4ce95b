import { dirname } from 'node:path';
import type Database from 'better-sqlite3';
import { fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { claimDatabaseFile, requireWritable } from '../disk/database-file.ts';
import { exists } from '../disk/exists.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';
import { requireSchema } from './schema-check.ts';

/** Throws why the database or what stands beside it can't be used, where the system knows. */
export function requireUsable(path: string): void {
  for (const each of [path, dirname(path), `${path}-wal`, `${path}-shm`]) {
    if (exists(each)) requireWritable(each);
  }
}

/** The error where SQLite can't open a file that the system lets us open: what stands in it, or in its journal, is not SQLite's. */
export function unusable(failure: KeywardError, path: string): KeywardError {
  const { sqlite } = failure.details;
  if (typeof sqlite !== 'string' || !sqlite.startsWith('SQLITE_CANTOPEN')) return failure;
  return fail('database-or-journal-not-sound', { path }, failure.details, failure);
}

/** Makes the file of a new database. Throws `VaultExists` and the disk errors. */
export function claim(path: string): void {
  try {
    claimDatabaseFile(path);
  } catch (error) {
    if (!isKeywardError(error, 'TargetExists')) throw error;
    throw fail('vault-exists-at', { path });
  }
}

/** Sets a connection up and brings its schema up to date. Throws `VaultDamaged`, `VaultNewer`. */
export function prepare(db: Database.Database, path: string, how: 'create' | 'existing'): void {
  if (how === 'existing') {
    checkVersion(db, path);
    requireSchema(db, versionOf(db), path);
  }
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('secure_delete = ON');
  db.pragma('foreign_keys = ON');
  db.pragma('trusted_schema = OFF');
  db.pragma('cell_size_check = ON');
  db.pragma('temp_store = MEMORY');
  if (versionOf(db) === MIGRATIONS.length) return;
  db.transaction(() => {
    for (const step of MIGRATIONS.slice(versionOf(db))) db.exec(step);
    db.pragma(`application_id = ${APPLICATION_ID}`);
    db.pragma(`user_version = ${MIGRATIONS.length}`);
  }).immediate();
}

function versionOf(db: Database.Database): number {
  return Number(db.pragma('user_version', { simple: true }));
}

function checkVersion(db: Database.Database, path: string): void {
  const version = versionOf(db);
  if (version > MIGRATIONS.length) {
    throw fail('vault-newer', { path }, { path, version, understood: MIGRATIONS.length });
  }
  const application = Number(db.pragma('application_id', { simple: true }));
  if (version < 1 || application !== APPLICATION_ID) {
    throw fail('database-not-ours', { path });
  }
}
