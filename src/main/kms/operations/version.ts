import { awsError } from '../../../shared/errors.ts';
import type { ReadTx } from '../../store/database.ts';
import { type Core, findKey } from '../core.ts';
import { invalid, invalidState } from '../errors.ts';
import { type FoundKey, requireNotPending } from '../found-key.ts';
import type { VersionRow } from '../keys/row-schemas.ts';
import { named, onKey } from '../request.ts';
import type { Caller, KeyIdInput } from '../types.ts';

/** Input of `DisableKeyVersion` and `EnableKeyVersion`; `Version` is an id, or 8 digits or more from its beginning. */
export type KeyVersionInput = KeyIdInput & { readonly Version: string };

/** `KeyId` is the bare id. */
type KeyVersionOutput = { readonly KeyId: string; readonly KeyMaterialId: string };

/**
 * Revokes one version of a key, or takes that back: what was encrypted under it opens only while it is enabled. AWS
 * has nothing like it. The current version can't be disabled, for new data would go under it: the key is to be
 * rotated first. What already is so stays so, and is logged all the same. Throws `KMSInvalidStateException`,
 * `NotFoundException`, `ValidationException` for digits that several versions begin with.
 */
export function setVersionState(
  core: Core,
  caller: Caller,
  input: KeyVersionInput,
  state: 'Enabled' | 'Disabled',
): KeyVersionOutput {
  const name = state === 'Enabled' ? 'EnableKeyVersion' : 'DisableKeyVersion';
  const operation = onKey(caller, name, input, false);
  const request = { ...operation.request, version: named(input.Version) };
  return core.journal.change((tx, step) =>
    step({ ...operation, request, eventType: 'KeywardEvent' }, (record) => {
      const key = findKey(core, tx, record, input.KeyId);
      requireNotPending(key);
      const { id, body } = versionOf(core, tx, key, input.Version);
      if (state === 'Disabled') requireReplaced(key, id);
      const { disabled, ...rest } = body;
      const since = disabled ?? core.clock.now();
      core.rows.putVersion(tx, key.id, id, state === 'Enabled' ? rest : { ...rest, disabled: since });
      record.response = { keyId: key.id, keyMaterialId: id };
      return { KeyId: key.id, KeyMaterialId: id };
    }),
  );
}

function versionOf(core: Core, tx: ReadTx, key: FoundKey, version: string): { id: string; body: VersionRow } {
  const found = core.rows.versions(tx, key.id).filter(({ id }) => id.startsWith(version));
  const [one] = found;
  if (one === undefined || !/^[0-9a-f]{8,64}$/.test(version)) {
    throw awsError('NotFoundException', `Key '${key.arn}' has no version ${version.slice(0, 64)}.`, {
      key: key.arn,
      version: version.slice(0, 64),
    });
  }
  if (found.length > 1)
    throw invalid(`Several versions of '${key.arn}' begin with ${version}. Give more digits.`);
  return one;
}

/** New data goes under the current version, and after the next rotation under the one that waits. */
function requireReplaced({ arn, row }: FoundKey, id: string): void {
  if (id === row.current) {
    throw invalidState(
      `Version ${id} is the current one of ${arn}: what is encrypted now goes under it. Rotate the key first, or disable the whole key.`,
    );
  }
  if (id === row.external?.pending?.version) {
    throw invalidState(
      `Version ${id} of ${arn} waits for its rotation: nothing is encrypted under it. Delete its material instead.`,
    );
  }
}
