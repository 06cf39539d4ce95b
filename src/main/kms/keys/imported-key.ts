import { awsError, type KeywardError } from '../../../shared/errors.ts';
import type { ReadTx } from '../../store/database.ts';
import type { FoundKey } from '../found-key.ts';
import type { ImportFacts } from '../types.ts';
import type { KeyRows } from './key-store.ts';
import type { KeyRow, VersionRow } from './row-schemas.ts';

/** Throws `UnsupportedOperationException` unless the key's material is imported. */
export function requireExternal(key: FoundKey): void {
  if (key.row.origin !== 'EXTERNAL') throw wrongOrigin(key);
}

/** Throws `UnsupportedOperationException` where the key's material is imported. */
export function requireOwnMaterial(key: FoundKey): void {
  if (key.row.origin !== 'AWS_KMS') throw wrongOrigin(key);
}

function wrongOrigin({ arn, row }: FoundKey): KeywardError {
  return awsError(
    'UnsupportedOperationException',
    `${arn} origin is ${row.origin} which is not valid for this operation.`,
  );
}

/**
 * What follows for a key of imported material from the versions that it has now: its state, whether it was ever
 * imported, when it expires. It works only while the material of every version is there, but for one that waits
 * for its rotation.
 */
export function settled(rows: KeyRows, tx: ReadTx, id: string, row: KeyRow): KeyRow {
  return settledBy(rows.versions(tx, id), row);
}

/** As `settled`, of versions that were read already. */
export function settledBy(
  versions: readonly { readonly id: string; readonly body: VersionRow }[],
  row: KeyRow,
): KeyRow {
  const waiting = versions.find((version) => version.id === row.external?.pending?.version);
  const needed = versions.filter((version) => version !== waiting).map(({ body }) => body);
  const isWhole = needed.every(({ wrapped }) => wrapped !== undefined);
  const dates = needed.flatMap(({ imported }) => imported?.expires ?? []);
  return {
    ...row,
    state: stateOf(row.state, isWhole),
    external: {
      begun: needed.some(({ imported }) => imported !== undefined),
      ...(dates.length === 0 ? {} : { expires: Math.min(...dates) }),
      ...(waiting === undefined ? {} : { pending: pendingOf(waiting.id, waiting.body) }),
    },
  };
}

function stateOf(before: KeyRow['state'], isWhole: boolean): KeyRow['state'] {
  if (before === 'PendingDeletion') return before;
  if (!isWhole) return 'PendingImport';
  return before === 'PendingImport' ? 'Enabled' : before;
}

function pendingOf(version: string, { imported }: VersionRow) {
  return { version, ...(imported?.expires === undefined ? {} : { expires: imported.expires }) };
}

/** What there is to tell at this time (ms) of a version whose material is imported. */
export function importFactsOf({ wrapped, imported }: VersionRow, now: number): ImportFacts {
  const { expires, description } = imported ?? {};
  const isThere = wrapped !== undefined && (expires === undefined || expires > now);
  return {
    ImportState: isThere ? 'IMPORTED' : 'PENDING_IMPORT',
    ...(isThere ? expirationOf(expires) : {}),
    ...(description === undefined ? {} : { KeyMaterialDescription: description }),
  };
}

/** Whether and when material expires, as AWS tells it. */
export function expirationOf(expires: number | undefined): Pick<ImportFacts, 'ExpirationModel' | 'ValidTo'> {
  return expires === undefined
    ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
    : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: new Date(expires) };
}
