import Database from 'better-sqlite3';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { MIGRATIONS } from './schema.ts';

type SchemaObject = { type: string; name: string; sql: string | null };

const OBJECTS = 'SELECT type, name, sql FROM sqlite_schema ORDER BY type, name';
const expected = new Map<number, ReadonlyMap<string, string | null>>();

/**
 * Compares tables, indexes, triggers and views with what the steps of the schema make: a trigger that was put in would
 * run in our own transactions. `version`: how many steps the database has had. Throws `VaultDamaged` naming the first
 * object that is missing, changed or unexpected.
 */
export function requireSchema(db: Database.Database, version: number, path: string): void {
  const wanted = new Map(objectsAfter(version));
  for (const { type, name, sql } of db.prepare(OBJECTS).all() as SchemaObject[]) {
    const object = `${type} ${name}`;
    if (!wanted.has(object)) throw damaged(path, object, 'put-in');
    if (wanted.get(object) !== sql) throw damaged(path, object, 'changed');
    wanted.delete(object);
  }
  for (const object of wanted.keys()) throw damaged(path, object, 'missing');
}

function objectsAfter(version: number): ReadonlyMap<string, string | null> {
  const known = expected.get(version);
  if (known !== undefined) return known;
  const db = new Database(':memory:');
  try {
    for (const step of MIGRATIONS.slice(0, version)) db.exec(step);
    const rows = db.prepare(OBJECTS).all() as SchemaObject[];
    const objects = new Map(rows.map(({ type, name, sql }) => [`${type} ${name}`, sql]));
    expected.set(version, objects);
    return objects;
  } finally {
    db.close();
  }
}

function damaged(path: string, object: string, what: 'put-in' | 'changed' | 'missing'): KeywardError {
  return fail('schema-changed', { path, object, what }, { path, row: `sqlite_schema/${object}` });
}
