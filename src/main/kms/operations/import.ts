import { awsError, type KeywardError } from '../../../shared/errors.ts';
import { wipe } from '../../crypto/bytes.ts';
import type { Tx } from '../../store/database.ts';
import { type Core, findKey } from '../core.ts';
import { invalid, invalidState } from '../errors.ts';
import { type FoundKey, requireNotPending } from '../found-key.ts';
import { requireExternal, settled } from '../keys/imported-key.ts';
import { unwrapMaterial } from '../keys/imported-material.ts';
import type { VersionRow } from '../keys/row-schemas.ts';
import { named, onKey } from '../request.ts';
import type { Caller, KeyIdInput } from '../types.ts';
import { requireLength, requireOneOf, requirePattern } from '../validate.ts';
import { expireNamed, forget } from './expire-material.ts';

const MAX_DAYS = 365;
const DAY = 86_400_000;
const MODELS = ['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE'];
const TYPES = ['NEW_KEY_MATERIAL', 'EXISTING_KEY_MATERIAL'];

/** Input of `ImportKeyMaterial`; `ValidTo` at most 365 days ahead. */
export type ImportKeyMaterialInput = KeyIdInput & {
  readonly ImportToken: Uint8Array;
  readonly EncryptedKeyMaterial: Uint8Array;
  readonly ValidTo?: Date;
  readonly ExpirationModel?: string;
  readonly ImportType?: string;
  readonly KeyMaterialDescription?: string;
  readonly KeyMaterialId?: string;
};

/** `KeyId` is the key's ARN; `KeyMaterialId` is told of symmetric keys. */
type ImportedKeyMaterial = { readonly KeyId: string; readonly KeyMaterialId?: string };

/**
 * `ImportKeyMaterial`. A symmetric key that has material takes other material as well, which waits for
 * `RotateKeyOnDemand`; any other import must bring back the very material that was there. Throws
 * `IncorrectKeyMaterialException` if it does not, `InvalidCiphertextException`, `InvalidImportTokenException`,
 * `ExpiredImportTokenException`, `KMSInvalidStateException`, `UnsupportedOperationException`.
 */
export function importKeyMaterial(
  core: Core,
  caller: Caller,
  input: ImportKeyMaterialInput,
): ImportedKeyMaterial {
  const operation = onKey(caller, 'ImportKeyMaterial', input, false);
  const validTo = input.ValidTo === undefined || !isDate(input.ValidTo) ? undefined : input.ValidTo;
  const request = {
    ...operation.request,
    expirationModel: (input.ExpirationModel ?? 'KEY_MATERIAL_EXPIRES').slice(0, 256),
    ...(validTo === undefined ? {} : { validTo: validTo.toISOString() }),
    ...(input.ImportType === undefined ? {} : { importType: input.ImportType.slice(0, 256) }),
  };
  const access = {
    conditions: { 'kms:ExpirationModel': request.expirationModel, 'kms:ValidTo': validTo },
  };
  return core.journal.change((tx, step) => {
    expireNamed(core, tx, step, input.KeyId);
    return step({ ...operation, request, access }, (record) => {
      const expires = checkImport(input, core.clock.now());
      const key = findKey(core, tx, record, input.KeyId);
      requireExternal(key);
      requireNotPending(key);
      checkOnlySymmetric(key, input);
      const parameters = core.importTokens.open(key.id, input.ImportToken, core.clock.now());
      try {
        const material = unwrapMaterial(key.row.spec, parameters, input.EncryptedKeyMaterial);
        try {
          const version = importInto(core, tx, key, input, material, expires);
          record.response = { keyId: key.id, keyMaterialId: version };
          const isTold = key.row.spec === 'SYMMETRIC_DEFAULT';
          return { KeyId: key.arn, ...(isTold ? { KeyMaterialId: version } : {}) };
        } finally {
          wipe(material);
        }
      } finally {
        wipe(parameters.privateKey);
      }
    });
  });
}

/** Puts material into the version that it belongs to, and gives its id. */
function importInto(
  core: Core,
  tx: Tx,
  key: FoundKey,
  input: ImportKeyMaterialInput,
  material: Uint8Array,
  expires: number | undefined,
): string {
  const print = core.materials.printOf(key.id, material);
  const known = core.prints.of(tx, key.id, material);
  const begun = key.row.external?.begun === true;
  const type = input.ImportType ?? (begun ? 'EXISTING_KEY_MATERIAL' : 'NEW_KEY_MATERIAL');
  const versions = core.rows.versions(tx, key.id);
  const same = versions.find(({ body }) => known.includes(body.imported?.print ?? ''));
  if (type === 'NEW_KEY_MATERIAL' && same !== undefined) {
    throw incorrect(`this material is imported as ${same.id} already, and new material was announced.`);
  }
  if (type === 'EXISTING_KEY_MATERIAL' && same === undefined) {
    throw incorrect('it is none that was imported into this key before.');
  }
  if (input.KeyMaterialId !== undefined && input.KeyMaterialId !== same?.id) {
    throw incorrect(`it is not the material ${input.KeyMaterialId}.`);
  }
  const waiting = key.row.external?.pending?.version;
  const id = same?.id ?? (begun ? core.materials.newVersionId() : key.row.current);
  if (same === undefined && begun && waiting !== undefined) {
    throw invalidState(
      `New key material (id: ${id}) cannot be imported into KMS key ${key.id}, because another key material (id: ${waiting}) is pending rotation.`,
    );
  }
  const before = versions.find((version) => version.id === id)?.body;
  const latest = versions.at(-1)?.body.created ?? 0;
  const description = input.KeyMaterialDescription ?? before?.imported?.description;
  const row: VersionRow = {
    ...(before ?? { created: Math.max(core.clock.now(), latest + 1), rotation: null }),
    wrapped: core.materials.wrap({ keyId: key.id, versionId: id, key: key.row }, material),
    imported: {
      print,
      ...(expires === undefined ? {} : { expires }),
      ...(description === undefined ? {} : { description }),
    },
  };
  core.rows.putVersion(tx, key.id, id, row);
  const isNew = same === undefined && begun;
  const external = isNew ? { begun, pending: { version: id } } : key.row.external;
  const after = external === undefined ? key.row : { ...key.row, external };
  core.rows.putKey(tx, key.id, settled(core.rows, tx, key.id, after));
  return id;
}

/** What can be told to be wrong before the key is known; returns the date of expiry, if there is to be one. */
function checkImport(input: ImportKeyMaterialInput, now: number): number | undefined {
  requireLength('importToken', input.ImportToken, 1, 6_144);
  requireLength('encryptedKeyMaterial', input.EncryptedKeyMaterial, 1, 6_144);
  const model = input.ExpirationModel ?? 'KEY_MATERIAL_EXPIRES';
  requireOneOf('expirationModel', model, MODELS);
  if (input.ImportType !== undefined) requireOneOf('importType', input.ImportType, TYPES);
  const { KeyMaterialDescription: description, KeyMaterialId: id } = input;
  if (description !== undefined) {
    requireLength('keyMaterialDescription', description, 0, 256);
    requirePattern('keyMaterialDescription', description, /^[a-zA-Z0-9:/_\s.-]*$/);
  }
  if (id !== undefined) {
    requirePattern('keyMaterialId', id, /^[a-f0-9]{64}$/);
    if (input.ImportType === 'NEW_KEY_MATERIAL') {
      throw invalid('KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL.');
    }
  }
  if (model === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (input.ValidTo === undefined) return undefined;
    throw invalid(
      'The parameter ValidTo cannot be specified for a key with an expiration model of KEY_MATERIAL_DOES_NOT_EXPIRE',
    );
  }
  if (input.ValidTo === undefined) {
    throw invalid('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES');
  }
  const expires = input.ValidTo.getTime();
  if (!(expires > now)) throw invalid('ValidTo must be in the future');
  if (expires > now + MAX_DAYS * DAY) throw invalid(`ValidTo must be at most ${MAX_DAYS} days in the future`);
  return expires;
}

function isDate(date: Date): boolean {
  return !Number.isNaN(date.getTime());
}

function checkOnlySymmetric(key: FoundKey, input: ImportKeyMaterialInput): void {
  if (key.row.spec === 'SYMMETRIC_DEFAULT') return;
  for (const field of ['ImportType', 'KeyMaterialDescription', 'KeyMaterialId'] as const) {
    if (input[field] === undefined) continue;
    throw awsError(
      'UnsupportedOperationException',
      `${key.arn} has key spec ${key.row.spec}; ${field} is for symmetric encryption keys only.`,
    );
  }
}

/**
 * `DeleteImportedKeyMaterial`: the current material, unless another is named. The key is pending import afterwards,
 * but for one that is pending deletion and for material that waits for its rotation.
 */
export function deleteImportedKeyMaterial(
  core: Core,
  caller: Caller,
  input: KeyIdInput & { readonly KeyMaterialId?: string },
): ImportedKeyMaterial {
  const operation = onKey(caller, 'DeleteImportedKeyMaterial', input, false);
  const { KeyMaterialId } = input;
  const request = {
    ...operation.request,
    ...(KeyMaterialId === undefined ? {} : { keyMaterialId: named(KeyMaterialId) }),
  };
  const done = core.journal.change((tx, step) => {
    expireNamed(core, tx, step, input.KeyId);
    return step({ ...operation, request }, (record) => {
      if (KeyMaterialId !== undefined) requirePattern('keyMaterialId', KeyMaterialId, /^[a-f0-9]{64}$/);
      const key = findKey(core, tx, record, input.KeyId);
      requireExternal(key);
      const id = KeyMaterialId ?? key.row.current;
      const version = core.rows.version(tx, key.id, id);
      const isTold = key.row.spec === 'SYMMETRIC_DEFAULT' && version?.imported !== undefined;
      if (KeyMaterialId !== undefined && version?.imported === undefined) {
        throw awsError('NotFoundException', `Key material ${id} of key '${key.arn}' does not exist`);
      }
      forget(core, tx, key.id, key.row, id);
      core.rows.putKey(tx, key.id, settled(core.rows, tx, key.id, key.row));
      record.response = { keyId: key.id, ...(isTold ? { keyMaterialId: id } : {}) };
      return { KeyId: key.arn, ...(isTold ? { KeyMaterialId: id } : {}) };
    });
  });
  core.journal.truncateWal();
  return done;
}

function incorrect(why: string): KeywardError {
  return awsError(
    'IncorrectKeyMaterialException',
    `The key material is not what is expected: ${why} Nothing was imported.`,
  );
}
