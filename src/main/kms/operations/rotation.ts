import { awsError } from '../../../shared/errors.ts';
import type { ReadTx, Tx } from '../../store/database.ts';
import { type Core, findKey } from '../core.ts';
import { type FoundKey, requireEnabled } from '../found-key.ts';
import { importFactsOf, requireOwnMaterial } from '../keys/imported-key.ts';
import type { KeyRow } from '../keys/row-schemas.ts';
import type { OperationRecord, Step } from '../operation.ts';
import { LONG_PAGES } from '../pagination.ts';
import { onKey } from '../request.ts';
import type { Caller, KeyIdInput, PageInput, PageOutput, RotationEntry } from '../types.ts';
import { requireOneOf, requireRange } from '../validate.ts';
import { addVersion, takeImported } from './add-version.ts';
import { expireNamed } from './expire-material.ts';

const MAX_ON_DEMAND = 25;
const USUAL_DAYS = 365;
const DAY = 86_400_000;

/**
 * `RotateKeyOnDemand`: a new version encrypts from now on; all earlier ones go on decrypting. Where material is
 * imported, the new version is the one that waits. `KeyId` is the key's ARN.
 */
export function rotateKeyOnDemand(core: Core, caller: Caller, input: KeyIdInput): { KeyId: string } {
  return core.journal.change((tx, step) => {
    expireNamed(core, tx, step, input.KeyId);
    return step(onKey(caller, 'RotateKeyOnDemand', input, false), (record) => {
      const key = findKey(core, tx, record, input.KeyId);
      requireEnabled(key);
      requireRotating(key);
      const versions = core.rows.versions(tx, key.id);
      if (versions.filter(({ body }) => body.rotation === 'ON_DEMAND').length >= MAX_ON_DEMAND) {
        throw awsError(
          'LimitExceededException',
          `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
        );
      }
      const { row } =
        key.row.origin === 'EXTERNAL' ? takeImported(core, tx, key) : addVersion(core, tx, key, 'ON_DEMAND');
      record.response = { keyId: key.id, keyMaterialId: row.current };
      return { KeyId: key.arn };
    });
  });
}

/** Input of `EnableKeyRotation`; 90–2560 days, 365 unless told. */
type EnableKeyRotationInput = KeyIdInput & { readonly RotationPeriodInDays?: number };

/**
 * `EnableKeyRotation`: a new version every `RotationPeriodInDays` days, counted from now, within an hour of when it is due; a vault
 * that was locked on the day makes up for it at the next unlock.
 */
export function enableKeyRotation(core: Core, caller: Caller, input: EnableKeyRotationInput): void {
  core.journal.change((tx, step) => enableRotationIn(core, tx, step, caller, input));
}

/** `EnableKeyRotation` as a step of a change. */
export function enableRotationIn(
  core: Core,
  tx: Tx,
  step: Step,
  caller: Caller,
  input: EnableKeyRotationInput,
): void {
  const operation = onKey(caller, 'EnableKeyRotation', input, false);
  const days = input.RotationPeriodInDays ?? USUAL_DAYS;
  const access = { conditions: { 'kms:RotationPeriodInDays': days } };
  const request = { ...operation.request, rotationPeriodInDays: days };
  step({ ...operation, request, access }, (record) => {
    requireRange('rotationPeriodInDays', days, 90, 2_560);
    const key = rotatingKey(core, tx, record, input);
    requireOwnMaterial(key);
    requireEnabled(key);
    core.rows.putKey(tx, key.id, { ...key.row, rotation: { days, next: core.clock.now() + days * DAY } });
  });
}

/** `DisableKeyRotation`; versions that exist stay. */
export function disableKeyRotation(core: Core, caller: Caller, input: KeyIdInput): void {
  core.journal.change((tx, step) =>
    step(onKey(caller, 'DisableKeyRotation', input, false), (record) => {
      const key = rotatingKey(core, tx, record, input);
      requireOwnMaterial(key);
      requireEnabled(key);
      const { rotation: _over, ...row } = key.row;
      core.rows.putKey(tx, key.id, row);
    }),
  );
}

/** Dates are told where there is rotation. */
type GetKeyRotationStatusOutput = {
  readonly KeyId: string;
  readonly KeyRotationEnabled: boolean;
  readonly RotationPeriodInDays?: number;
  readonly NextRotationDate?: Date;
};

/**
 * `GetKeyRotationStatus`, in every state of the key: suspended, that is off, while it is pending deletion, and off for
 * whatever is not symmetric. Throws `UnsupportedOperationException` for a symmetric key with imported material, as the
 * table "Key states of AWS KMS keys" has it.
 */
export async function getKeyRotationStatus(
  core: Core,
  caller: Caller,
  input: KeyIdInput,
): Promise<GetKeyRotationStatusOutput> {
  return core.journal.perform(onKey(caller, 'GetKeyRotationStatus', input, true), 'go-on', (tx, record) => {
    const key = findKey(core, tx, record, input.KeyId);
    const { arn, row } = key;
    if (row.spec !== 'SYMMETRIC_DEFAULT') return { KeyId: arn, KeyRotationEnabled: false };
    requireOwnMaterial(key);
    if (row.rotation === undefined || row.state === 'PendingDeletion') {
      return { KeyId: arn, KeyRotationEnabled: false };
    }
    const { days: RotationPeriodInDays, next } = row.rotation;
    return { KeyId: arn, KeyRotationEnabled: true, RotationPeriodInDays, NextRotationDate: new Date(next) };
  });
}

function rotatingKey(core: Core, tx: ReadTx, record: OperationRecord, input: KeyIdInput): FoundKey {
  const key = findKey(core, tx, record, input.KeyId);
  requireRotating(key);
  return key;
}

/** Throws `UnsupportedOperationException` for keys that don't rotate: all but symmetric ones. */
function requireRotating(key: FoundKey): void {
  if (key.row.spec === 'SYMMETRIC_DEFAULT') return;
  throw awsError(
    'UnsupportedOperationException',
    `${key.arn} has key spec ${key.row.spec}; only symmetric encryption keys rotate.`,
  );
}

/** `ListKeyRotations`, oldest first, 100 a page; the first version only with `ALL_KEY_MATERIAL`. */
export async function listKeyRotations(
  core: Core,
  caller: Caller,
  input: KeyIdInput & PageInput & { readonly IncludeKeyMaterial?: string },
): Promise<{ Rotations: RotationEntry[] } & PageOutput> {
  return core.journal.perform(onKey(caller, 'ListKeyRotations', input, true), 'go-on', (tx, record) => {
    const include = input.IncludeKeyMaterial ?? 'ROTATIONS_ONLY';
    requireOneOf('includeKeyMaterial', include, ['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY']);
    const key = rotatingKey(core, tx, record, input);
    const versions = core.rows
      .versions(tx, key.id)
      .filter(({ body }) => include === 'ALL_KEY_MATERIAL' || body.rotation !== null)
      // A key into which nothing was imported yet has no material to list.
      .filter(() => key.row.external?.begun !== false)
      // The order of dates as text, for the marker: dates are distinct within a key.
      .map((version) => ({ ...version, place: String(version.body.created).padStart(16, '0') }));
    const list = `ListKeyRotations/${key.id}/${include}`;
    const { page, more } = core.pages.cut(list, versions, ({ place }) => place, input, LONG_PAGES);
    const entries = page.map(
      ({ id, body }): RotationEntry => ({
        KeyId: key.id,
        KeyMaterialId: id,
        KeyMaterialState: stateOf(key.row, id),
        ...(key.row.external === undefined ? {} : importFactsOf(body, core.clock.now())),
        ...(body.rotation === null
          ? {}
          : { RotationDate: new Date(body.created), RotationType: body.rotation }),
      }),
    );
    return { Rotations: entries, ...more };
  });
}

function stateOf({ current, external }: KeyRow, id: string): RotationEntry['KeyMaterialState'] {
  if (id === current) return 'CURRENT';
  return id === external?.pending?.version ? 'PENDING_ROTATION' : 'NON_CURRENT';
}
