import { randomBytes, wipe } from '../../crypto/bytes.ts';
import type { Tx } from '../../store/database.ts';
import type { Core } from '../core.ts';
import { invalidState } from '../errors.ts';
import type { FoundKey } from '../found-key.ts';
import { settled } from '../keys/imported-key.ts';
import type { VersionRow } from '../keys/row-schemas.ts';

/** Only symmetric keys rotate. */
const MATERIAL_BYTES = 32;

/**
 * Gives a symmetric key a new version, which encrypts from now on, and returns the key as it is then. All
 * earlier versions go on decrypting.
 */
export function addVersion(
  core: Core,
  tx: Tx,
  key: FoundKey,
  rotation: NonNullable<VersionRow['rotation']>,
): FoundKey {
  const versionId = core.materials.newVersionId();
  const latest = core.rows.versions(tx, key.id).at(-1);
  // Always after the version before, whatever the clock says: the latest made is the current one.
  const created = Math.max(core.clock.now(), (latest?.body.created ?? 0) + 1);
  const material = randomBytes(MATERIAL_BYTES);
  const wrapped = core.materials.wrap({ keyId: key.id, versionId, key: key.row }, material);
  wipe(material);
  const row = { ...key.row, current: versionId };
  core.rows.putVersion(tx, key.id, versionId, { created, rotation, wrapped });
  core.rows.putKey(tx, key.id, row);
  return { ...key, row };
}

/**
 * Makes the imported version that waits the current one, and returns the key as it is then. Throws
 * `KMSInvalidStateException` if none waits.
 */
export function takeImported(core: Core, tx: Tx, key: FoundKey): FoundKey {
  const waiting = key.row.external?.pending?.version;
  const version = waiting === undefined ? undefined : core.rows.version(tx, key.id, waiting);
  if (waiting === undefined || version === undefined) {
    throw invalidState(`No available key material pending rotation for the key: ${key.arn}.`);
  }
  const others = core.rows.versions(tx, key.id).filter(({ id }) => id !== waiting);
  const created = Math.max(core.clock.now(), (others.at(-1)?.body.created ?? 0) + 1);
  core.rows.putVersion(tx, key.id, waiting, { ...version, created, rotation: 'ON_DEMAND' });
  const row = settled(core.rows, tx, key.id, { ...key.row, current: waiting, external: { begun: true } });
  core.rows.putKey(tx, key.id, row);
  return { ...key, row };
}
