import { awsError } from '../../../shared/errors.ts';
import { isImportable, KEY_SPECS, KEY_USAGES, usagesOf } from '../../../shared/key-specs.ts';
import { randomUuid, wipe } from '../../crypto/bytes.ts';
import type { Tx } from '../../store/database.ts';
import { keyArn } from '../arn.ts';
import { type Core, findKey, metadataOf, wouldAuthorize } from '../core.ts';
import { allowedMeanwhile, invalid, unsupported } from '../errors.ts';
import { requireMaterial, requireNotPending } from '../found-key.ts';
import { newMaterial } from '../keys/key-material.ts';
import type { KeyRow } from '../keys/row-schemas.ts';
import type { Operation, OperationRecord } from '../operation.ts';
import { LONG_PAGES } from '../pagination.ts';
import { onKey } from '../request.ts';
import type { Caller, CreateKeyInput, KeyIdInput, KeyMetadata, PageInput, PageOutput } from '../types.ts';
import { notInSet, requireLength, requireOneOf } from '../validate.ts';
import { checkKeyPolicy } from './policy.ts';
import { tagRequestConditions, withTags } from './tag-rules.ts';

// The sets that AWS's messages name, in their order; what was added since is not in them.
const NAMED_SPECS = [
  'RSA_2048',
  'ECC_NIST_P384',
  'ECC_NIST_P256',
  'ECC_NIST_P521',
  'HMAC_384',
  'RSA_3072',
  'ECC_SECG_P256K1',
  'RSA_4096',
  'SYMMETRIC_DEFAULT',
  'HMAC_256',
  'HMAC_224',
  'HMAC_512',
];
const NAMED_USAGES = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC'];
const ORIGINS = ['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'];

const MAX_DESCRIPTION = 8_192;
const MAX_KEYS = 100_000;

/** The entry of `CreateKey`. */
export function createKeyOperation(caller: Caller, input: CreateKeyInput): Operation {
  const request = {
    keySpec: specOf(input).slice(0, 256),
    keyUsage: (input.KeyUsage ?? 'ENCRYPT_DECRYPT').slice(0, 256),
    origin: (input.Origin ?? 'AWS_KMS').slice(0, 256),
    description: (input.Description ?? '').slice(0, MAX_DESCRIPTION),
    multiRegion: input.MultiRegion ?? false,
  };
  const bypass = input.BypassPolicyLockoutSafetyCheck ?? false;
  const conditions = {
    'kms:BypassPolicyLockoutSafetyCheck': bypass,
    'kms:CustomerMasterKeySpec': request.keySpec,
    'kms:CustomerMasterKeyUsage': request.keyUsage,
    'kms:KeyOrigin': request.origin,
    'kms:KeySpec': request.keySpec,
    'kms:KeyUsage': request.keyUsage,
    'kms:MultiRegion': request.multiRegion,
    ...tagRequestConditions(input.Tags ?? []),
  };
  const policy = input.Policy === undefined ? {} : { policy: input.Policy.slice(0, 32_768) };
  return {
    ...{ caller, eventName: 'CreateKey', readOnly: false },
    request: { ...request, ...policy, bypassPolicyLockoutSafetyCheck: bypass },
    access: { conditions },
  };
}

/**
 * Fresh material for a key of the spec that it is to have, made before any transaction is open; none for an import,
 * and none for a caller who may not make keys.
 */
export async function draftKey(core: Core, caller: Caller, input: CreateKeyInput): Promise<Buffer> {
  if (input.Origin === 'EXTERNAL' || !wouldAuthorize(core, createKeyOperation(caller, input))) {
    return Buffer.alloc(0);
  }
  const spec = KEY_SPECS.find((known) => known === specOf(input));
  return newMaterial(spec ?? 'SYMMETRIC_DEFAULT');
}

/** Makes a key with its first version out of fresh `material`, inside a step of a change. */
export function createKeyIn(
  core: Core,
  tx: Tx,
  record: OperationRecord,
  input: CreateKeyInput,
  material: Uint8Array,
): KeyMetadata {
  core.access.authorize(tx, record, {});
  if (input.Tags !== undefined && input.Tags.length > 0) {
    const { 'kms:BypassPolicyLockoutSafetyCheck': _ofCreateKey, ...conditions } =
      record.operation.access?.conditions ?? {};
    core.access.authorize(tx, record, { action: 'kms:TagResource', conditions });
  }
  const { spec, usage, origin } = checkCreateKey(input);
  const tags = withTags([], input.Tags ?? []);
  if (core.rows.keyCount(tx) >= MAX_KEYS) {
    throw awsError(
      'LimitExceededException',
      `This vault has ${MAX_KEYS} keys already; no more are possible.`,
    );
  }
  if (origin === 'AWS_KMS' && material.length === 0) throw allowedMeanwhile('CreateKey');
  const id = randomUuid();
  const versionId = core.materials.newVersionId();
  const row: KeyRow = {
    spec,
    usage,
    origin,
    state: origin === 'EXTERNAL' ? 'PendingImport' : 'Enabled',
    description: input.Description ?? '',
    created: core.clock.now(),
    current: versionId,
    ...(tags.length === 0 ? {} : { tags }),
    ...(origin === 'EXTERNAL' ? { external: { begun: false } } : {}),
  };
  if (input.Policy !== undefined) {
    const { caller } = record.operation;
    const key = { id, arn: keyArn(core.vault, id), row };
    checkKeyPolicy(core, tx, caller, key, input.Policy, input.BypassPolicyLockoutSafetyCheck ?? false);
    core.policies.put(tx, id, input.Policy);
  }
  core.rows.putKey(tx, id, row);
  core.rows.putVersion(tx, id, versionId, {
    created: row.created,
    rotation: null,
    ...(origin === 'EXTERNAL'
      ? {}
      : { wrapped: core.materials.wrap({ keyId: id, versionId, key: row }, material) }),
  });
  record.keyArns.push(keyArn(core.vault, id));
  record.response = { keyId: id, keyMaterialId: versionId };
  return metadataOf(core, id, row);
}

function specOf(input: CreateKeyInput): string {
  return input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
}

function checkCreateKey(input: CreateKeyInput): Pick<KeyRow, 'spec' | 'usage' | 'origin'> {
  if (input.KeySpec !== undefined && input.CustomerMasterKeySpec !== undefined) {
    throw invalid(
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    );
  }
  const spec = KEY_SPECS.find((known) => known === specOf(input));
  if (spec === undefined) throw notInSet('keySpec', specOf(input), NAMED_SPECS);
  const given = KEY_USAGES.find((known) => known === input.KeyUsage);
  if (input.KeyUsage !== undefined && given === undefined) {
    throw notInSet('keyUsage', input.KeyUsage, NAMED_USAGES);
  }
  if (input.Origin !== undefined) requireOneOf('origin', input.Origin, ORIGINS);
  requireLength('description', input.Description ?? '', 0, MAX_DESCRIPTION);
  if (given === undefined && spec !== 'SYMMETRIC_DEFAULT') {
    throw invalid('You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.');
  }
  const usage = given ?? 'ENCRYPT_DECRYPT';
  if (!usagesOf(spec).includes(usage)) {
    throw invalid(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
  }
  const origin = (['AWS_KMS', 'EXTERNAL'] as const).find((known) => known === (input.Origin ?? 'AWS_KMS'));
  if (origin === undefined) throw unsupported(`Origin ${input.Origin}`);
  if (origin === 'EXTERNAL' && !isImportable({ spec }))
    throw unsupported(`Origin EXTERNAL with KeySpec ${spec}`);
  if (input.MultiRegion === true) throw unsupported('A multi-region key');
  return { spec, usage, origin };
}

/** `CreateKey`. */
export async function createKey(
  core: Core,
  caller: Caller,
  input: CreateKeyInput,
): Promise<{ KeyMetadata: KeyMetadata }> {
  const material = await draftKey(core, caller, input);
  try {
    return core.journal.change((tx, step) => ({
      KeyMetadata: step(createKeyOperation(caller, input), (record) =>
        createKeyIn(core, tx, record, input, material),
      ),
    }));
  } finally {
    wipe(material);
  }
}

/** `DescribeKey`. */
export async function describeKey(
  core: Core,
  caller: Caller,
  input: KeyIdInput,
): Promise<{ KeyMetadata: KeyMetadata }> {
  return core.journal.perform(onKey(caller, 'DescribeKey', input, true), 'go-on', (tx, record) => {
    const key = findKey(core, tx, record, input.KeyId);
    return { KeyMetadata: metadataOf(core, key.id, key.row) };
  });
}

/** `ListKeys`, sorted by id, 100 a page. */
export async function listKeys(
  core: Core,
  caller: Caller,
  input: PageInput,
): Promise<{ Keys: { KeyId: string; KeyArn: string }[] } & PageOutput> {
  const operation = { caller, eventName: 'ListKeys', readOnly: true, request: {} };
  return core.journal.perform(operation, 'go-on', (tx, record) => {
    core.access.authorize(tx, record, {});
    const { page, more } = core.pages.fetch(
      'ListKeys',
      (after, limit) => core.rows.keysAfter(tx, after, limit),
      ({ id }) => id,
      input,
      LONG_PAGES,
    );
    return { Keys: page.map(({ id }) => ({ KeyId: id, KeyArn: keyArn(core.vault, id) })), ...more };
  });
}

/** `UpdateKeyDescription`, not while deletion is pending. */
export function updateKeyDescription(
  core: Core,
  caller: Caller,
  input: KeyIdInput & { readonly Description: string },
): void {
  const operation = onKey(caller, 'UpdateKeyDescription', input, false);
  const request = { ...operation.request, description: input.Description.slice(0, MAX_DESCRIPTION) };
  core.journal.change((tx, step) =>
    step({ ...operation, request }, (record) => {
      requireLength('description', input.Description, 0, MAX_DESCRIPTION);
      const key = findKey(core, tx, record, input.KeyId);
      requireNotPending(key);
      core.rows.putKey(tx, key.id, { ...key.row, description: input.Description });
    }),
  );
}

/** `EnableKey` and `DisableKey`; what already is so stays so, and is logged all the same. */
export function setKeyState(
  core: Core,
  caller: Caller,
  input: KeyIdInput,
  state: 'Enabled' | 'Disabled',
): void {
  const name = state === 'Enabled' ? 'EnableKey' : 'DisableKey';
  core.journal.change((tx, step) =>
    step(onKey(caller, name, input, false), (record) => {
      const key = findKey(core, tx, record, input.KeyId);
      requireNotPending(key);
      requireMaterial(key);
      if (key.row.state !== state) core.rows.putKey(tx, key.id, { ...key.row, state });
    }),
  );
}
