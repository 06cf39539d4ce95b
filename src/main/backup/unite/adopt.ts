import { z } from 'zod';
import { fail, type Json } from '../../../shared/errors.ts';
import { wipe } from '../../crypto/bytes.ts';
import { resealClientSecret } from '../../kms/clients.ts';
import { Materials } from '../../kms/keys/material-wrapping.ts';
import { clientRow, keyRow, type VersionRow, versionRow } from '../../kms/keys/row-schemas.ts';
import type { RootKey } from '../../unlock/root-key.ts';
import type { BackupDocument } from '../document.ts';
import { BACKUP_PURPOSE, openMaterial } from '../material.ts';
import { RowSet } from './row-set.ts';
import { UNITED_ROOMS } from './unite.ts';

/**
 * The rows of an opened backup that are united, with what is sealed in them under the root key of the vault that they come
 * to. `from`: the backup's root key. Throws `ZodError` for a row that is not of its room's shape, `RangeError` for a
 * version without its material.
 */
export function adoptedRows(document: BackupDocument, from: RootKey, to: RootKey): RowSet {
  const rows = new RowSet(
    document.records
      .filter(([room]) => UNITED_ROOMS.includes(room))
      .map(([room, id, body]) => [room, id, JSON.parse(body) as Json] as const),
  );
  const keys = { from: from.purposeKey('key-wrap'), to: to.purposeKey('key-wrap') };
  try {
    if (keys.from.equals(keys.to)) return rows;
    adoptVersions(rows, document, from, keys.to);
    for (const { id: name, body } of rows.list('clients', clientRow)) {
      rows.put('clients', name, resealClientSecret(document.vault.id, name, body, keys));
    }
    return rows;
  } finally {
    wipe(keys.from, keys.to);
  }
}

function adoptVersions(rows: RowSet, document: BackupDocument, from: RootKey, to: Buffer): void {
  const sealed = new Map(document.material.map((one) => [`${one.keyId}/${one.versionId}`, one]));
  const materials = new Materials(to, document.vault.id);
  const key = from.purposeKey(BACKUP_PURPOSE);
  try {
    for (const { id: name, body } of rows.list('key-versions', versionRow)) {
      const [keyId = '', versionId = ''] = name.split('/');
      const owner = rows.get('keys', keyId, keyRow);
      if (body.wrapped === undefined || owner === undefined) continue;
      const one = sealed.get(name);
      const material = one === undefined ? undefined : openMaterial(key, document.vault.id, one);
      if (material === undefined) throw new RangeError(`the backup lacks the material of ${name}`);
      const { imported, ...rest } = body;
      const row: VersionRow = {
        ...rest,
        wrapped: materials.wrap({ keyId, versionId, key: owner }, material),
        ...(imported === undefined
          ? {}
          : { imported: { ...imported, print: materials.printOf(keyId, material) } }),
      };
      wipe(material);
      rows.put('key-versions', name, row);
    }
  } finally {
    wipe(key);
  }
}

/** What `act` gives. What is no row of its room, of the backup at `path` that was signed all the same, is damage: `BackupDamaged`. */
export function understood<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof z.ZodError) && !(error instanceof RangeError)) throw error;
    throw fail('backup-row-not-understood', { path }, { path, why: 'row-not-understood' }, error);
  }
}
