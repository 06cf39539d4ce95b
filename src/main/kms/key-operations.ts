import { KeywardError } from '../../shared/errors.ts';
import { randomUuid } from '../crypto/bytes.ts';
import type { Tx } from '../store/database.ts';
import { keyArn } from './arn.ts';
import { type Core, findKey, metadataOf } from './core.ts';
import { unsupported } from './failures.ts';
import type { Note, Operation } from './journal.ts';
import { onKey } from './request.ts';
import type {
  Caller,
  CreateKeyInput,
  KeyIdInput,
  KeyMetadata,
  KeyState,
  PageInput,
  PageOutput,
} from './types.ts';
import { requireLength, requireOneOf } from './validate.ts';

// In the order in which AWS's own message names them.
const KEY_SPECS = [
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
const KEY_USAGES = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC'];
const ORIGINS = ['AWS_KMS', 'EXTERNAL', 'AWS_CLOUDHSM', 'EXTERNAL_KEY_STORE'];

const MAX_DESCRIPTION = 8_192;
const MAX_KEYS = 100_000;

/** The entry of `CreateKey`. */
export function createKeyOperation(caller: Caller, input: CreateKeyInput): Operation {
  const request = {
    keySpec: input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT',
    keyUsage: input.KeyUsage ?? 'ENCRYPT_DECRYPT',
    origin: input.Origin ?? 'AWS_KMS',
    description: (input.Description ?? '').slice(0, MAX_DESCRIPTION),
    multiRegion: input.MultiRegion ?? false,
  };
  return { caller, eventName: 'CreateKey', readOnly: false, request };
}

/** Makes a symmetric key with its first version, inside a step of a change. */
export function createKeyIn(core: Core, tx: Tx, note: Note, input: CreateKeyInput): KeyMetadata {
  checkCreateKey(input);
  if (core.rows.keys(tx).length >= MAX_KEYS) {
    throw new KeywardError(
      'LimitExceededException',
      `This vault has ${MAX_KEYS} keys already; no more are possible.`,
    );
  }
  const id = randomUuid();
  const versionId = core.materials.newVersionId();
  const row = {
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    state: 'Enabled',
    description: input.Description ?? '',
    created: core.clock.now(),
    current: versionId,
  } as const;
  core.rows.putKey(tx, id, row);
  core.rows.putVersion(tx, id, versionId, {
    created: row.created,
    rotation: null,
    wrapped: core.materials.create({ keyId: id, versionId, key: row }),
  });
  note.keyArns.push(keyArn(core.vault, id));
  note.response = { keyId: id, keyMaterialId: versionId };
  return metadataOf(core, id, row);
}

function checkCreateKey(input: CreateKeyInput): void {
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  requireOneOf('keySpec', spec, KEY_SPECS);
  if (input.KeyUsage !== undefined) requireOneOf('keyUsage', input.KeyUsage, KEY_USAGES);
  if (input.Origin !== undefined) requireOneOf('origin', input.Origin, ORIGINS);
  requireLength('description', input.Description ?? '', 0, MAX_DESCRIPTION);
  if (spec !== 'SYMMETRIC_DEFAULT') throw unsupported(`KeySpec ${spec}`);
  if (input.KeyUsage !== undefined && input.KeyUsage !== 'ENCRYPT_DECRYPT') {
    throw new KeywardError(
      'ValidationException',
      `KeyUsage ${input.KeyUsage} is not compatible with KeySpec SYMMETRIC_DEFAULT`,
    );
  }
  if (input.Origin !== undefined && input.Origin !== 'AWS_KMS') throw unsupported(`Origin ${input.Origin}`);
  if (input.MultiRegion === true) throw unsupported('A multi-region key');
}

/** `CreateKey`. */
export function createKey(core: Core, caller: Caller, input: CreateKeyInput): { KeyMetadata: KeyMetadata } {
  return core.journal.change((tx, step) => ({
    KeyMetadata: step(createKeyOperation(caller, input), (note) => createKeyIn(core, tx, note, input)),
  }));
}

/** `DescribeKey`. */
export async function describeKey(
  core: Core,
  caller: Caller,
  input: KeyIdInput,
): Promise<{ KeyMetadata: KeyMetadata }> {
  return core.journal.perform(onKey(caller, 'DescribeKey', input, true), 'go-on', (tx, note) => {
    const key = findKey(core, tx, note, input.KeyId);
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
  return core.journal.perform(operation, 'go-on', (tx) => {
    const { page, more } = core.pages.cut('ListKeys', core.rows.keys(tx), ({ id }) => id, input, 100);
    return { Keys: page.map(({ id }) => ({ KeyId: id, KeyArn: keyArn(core.vault, id) })), ...more };
  });
}

/** `UpdateKeyDescription`, in every state. */
export function updateKeyDescription(
  core: Core,
  caller: Caller,
  input: KeyIdInput & { readonly Description: string },
): void {
  const operation = onKey(caller, 'UpdateKeyDescription', input, false);
  const request = { ...operation.request, description: input.Description.slice(0, MAX_DESCRIPTION) };
  core.journal.change((tx, step) =>
    step({ ...operation, request }, (note) => {
      requireLength('description', input.Description, 0, MAX_DESCRIPTION);
      const key = findKey(core, tx, note, input.KeyId);
      core.rows.putKey(tx, key.id, { ...key.row, description: input.Description });
    }),
  );
}

/** `EnableKey` and `DisableKey`; what already is so stays so, and is logged all the same. */
export function setKeyState(core: Core, caller: Caller, input: KeyIdInput, state: KeyState): void {
  const name = state === 'Enabled' ? 'EnableKey' : 'DisableKey';
  core.journal.change((tx, step) =>
    step(onKey(caller, name, input, false), (note) => {
      const key = findKey(core, tx, note, input.KeyId);
      if (key.row.state !== state) core.rows.putKey(tx, key.id, { ...key.row, state });
    }),
  );
}
