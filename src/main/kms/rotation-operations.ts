import { KeywardError } from '../../shared/errors.ts';
import { type Core, findKey, requireEnabled } from './core.ts';
import { onKey } from './request.ts';
import type { Caller, KeyIdInput, PageInput, PageOutput, RotationEntry } from './types.ts';
import { requireOneOf } from './validate.ts';
import { addVersion } from './versions.ts';

const MAX_ON_DEMAND = 25;

/** `RotateKeyOnDemand`: a new version encrypts from now on; all earlier ones go on decrypting. */
export function rotateKeyOnDemand(core: Core, caller: Caller, input: KeyIdInput): { KeyId: string } {
  return core.journal.change((tx, step) =>
    step(onKey(caller, 'RotateKeyOnDemand', input, false), (note) => {
      const key = findKey(core, tx, note, input.KeyId);
      requireEnabled(key);
      const versions = core.rows.versions(tx, key.id);
      if (versions.filter(({ body }) => body.rotation === 'ON_DEMAND').length >= MAX_ON_DEMAND) {
        throw new KeywardError(
          'LimitExceededException',
          `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
        );
      }
      const { row } = addVersion(core, tx, key, 'ON_DEMAND');
      note.response = { keyId: key.id, keyMaterialId: row.current };
      return { KeyId: key.id };
    }),
  );
}

/** `ListKeyRotations`, oldest first, 100 a page; the first version only with `ALL_KEY_MATERIAL`. */
export async function listKeyRotations(
  core: Core,
  caller: Caller,
  input: KeyIdInput & PageInput & { readonly IncludeKeyMaterial?: string },
): Promise<{ Rotations: RotationEntry[] } & PageOutput> {
  return core.journal.perform(onKey(caller, 'ListKeyRotations', input, true), 'go-on', (tx, note) => {
    const include = input.IncludeKeyMaterial ?? 'ROTATIONS_ONLY';
    requireOneOf('includeKeyMaterial', include, ['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY']);
    const key = findKey(core, tx, note, input.KeyId);
    const versions = core.rows
      .versions(tx, key.id)
      .filter(({ body }) => include === 'ALL_KEY_MATERIAL' || body.rotation !== null)
      // The order of dates as text, for the marker: dates are distinct within a key.
      .map((version) => ({ ...version, place: String(version.body.created).padStart(16, '0') }));
    const list = `ListKeyRotations/${key.id}/${include}`;
    const { page, more } = core.pages.cut(list, versions, ({ place }) => place, input, 100);
    const entries = page.map(
      ({ id, body }): RotationEntry => ({
        KeyId: key.id,
        KeyMaterialId: id,
        KeyMaterialState: id === key.row.current ? 'CURRENT' : 'NON_CURRENT',
        ...(body.rotation === null
          ? {}
          : { RotationDate: new Date(body.created), RotationType: body.rotation }),
      }),
    );
    return { Rotations: entries, ...more };
  });
}
