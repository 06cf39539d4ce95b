import { wipe } from '../../crypto/bytes.ts';
import type { Core } from '../core.ts';
import type { Caller, GenerateDataKeyInput, GenerateDataKeyOutput, KeyIdInput } from '../types.ts';
import { decapsulateSecret, deriveSharedSecret, encapsulateSecret } from './agreement.ts';
import { createAlias, deleteAlias, listAliases, updateAlias } from './alias.ts';
import { decrypt, encrypt, reEncrypt } from './cipher.ts';
import { generateDataKey } from './data-key.ts';
import {
  type DataKeyPairInput,
  type DataKeyPairOutput,
  generateDataKeyPair,
  generateDataKeyWithoutPlaintext,
  generateRandom,
} from './data-key-pair.ts';
import { cancelKeyDeletion, scheduleKeyDeletion } from './deletion.ts';
import { createGrant, retireGrant, revokeGrant } from './grant.ts';
import { listGrants, listRetirableGrants } from './grant-lists.ts';
import { deleteImportedKeyMaterial, importKeyMaterial } from './import.ts';
import { getParametersForImport } from './import-parameters.ts';
import { createKey, describeKey, listKeys, setKeyState, updateKeyDescription } from './key.ts';
import { getKeyLastUsage } from './last-usage.ts';
import { generateMac, verifyMac } from './mac.ts';
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from './policy.ts';
import {
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeyRotations,
  rotateKeyOnDemand,
} from './rotation.ts';
import { getPublicKey, sign, verify } from './signing.ts';
import { listResourceTags, tagResource, untagResource } from './tag.ts';
import { describeCustomKeyStores } from './unsupported.ts';

/** What AWS answers where there is nothing to say. */
type Empty = Readonly<Record<string, never>>;

/** An operation whose answer is an empty object. */
function silent<I>(act: (core: Core, caller: Caller, input: I) => unknown) {
  return (core: Core, caller: Caller, input: I): Empty => {
    act(core, caller, input);
    return {};
  };
}

/** AWS KMS's operations by AWS's names (AWS KMS API Reference, "Actions"); each stands in its own module. */
const OPERATIONS = {
  CancelKeyDeletion: cancelKeyDeletion,
  CreateAlias: silent(createAlias),
  CreateGrant: createGrant,
  CreateKey: createKey,
  Decapsulate: decapsulateSecret,
  Decrypt: decrypt,
  DeleteAlias: silent(deleteAlias),
  DeleteImportedKeyMaterial: deleteImportedKeyMaterial,
  DeriveSharedSecret: deriveSharedSecret,
  DescribeCustomKeyStores: describeCustomKeyStores,
  DescribeKey: describeKey,
  DisableKey: silent((core, caller, input: KeyIdInput) => setKeyState(core, caller, input, 'Disabled')),
  DisableKeyRotation: silent(disableKeyRotation),
  EnableKey: silent((core, caller, input: KeyIdInput) => setKeyState(core, caller, input, 'Enabled')),
  EnableKeyRotation: silent(enableKeyRotation),
  Encapsulate: encapsulateSecret,
  Encrypt: encrypt,
  GenerateDataKey: (
    core: Core,
    caller: Caller,
    input: GenerateDataKeyInput,
  ): Promise<GenerateDataKeyOutput> => generateDataKey(core, caller, input),
  GenerateDataKeyPair: (core: Core, caller: Caller, input: DataKeyPairInput) =>
    generateDataKeyPair(core, caller, input, 'GenerateDataKeyPair'),
  GenerateDataKeyPairWithoutPlaintext: generatePairWithoutPlaintext,
  GenerateDataKeyWithoutPlaintext: generateDataKeyWithoutPlaintext,
  GenerateMac: generateMac,
  GenerateRandom: generateRandom,
  GetKeyLastUsage: getKeyLastUsage,
  GetKeyPolicy: getKeyPolicy,
  GetKeyRotationStatus: getKeyRotationStatus,
  GetParametersForImport: getParametersForImport,
  GetPublicKey: getPublicKey,
  ImportKeyMaterial: importKeyMaterial,
  ListAliases: listAliases,
  ListGrants: listGrants,
  ListKeyPolicies: listKeyPolicies,
  ListKeyRotations: listKeyRotations,
  ListKeys: listKeys,
  ListResourceTags: listResourceTags,
  ListRetirableGrants: listRetirableGrants,
  PutKeyPolicy: silent(putKeyPolicy),
  ReEncrypt: reEncrypt,
  RetireGrant: silent(retireGrant),
  RevokeGrant: silent(revokeGrant),
  RotateKeyOnDemand: rotateKeyOnDemand,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  Sign: sign,
  TagResource: silent(tagResource),
  UntagResource: silent(untagResource),
  UpdateAlias: silent(updateAlias),
  UpdateKeyDescription: silent(updateKeyDescription),
  Verify: verify,
  VerifyMac: verifyMac,
};

async function generatePairWithoutPlaintext(
  core: Core,
  caller: Caller,
  input: DataKeyPairInput,
): Promise<Omit<DataKeyPairOutput, 'PrivateKeyPlaintext'>> {
  const name = 'GenerateDataKeyPairWithoutPlaintext';
  const { PrivateKeyPlaintext, ...rest } = await generateDataKeyPair(core, caller, input, name);
  wipe(PrivateKeyPlaintext);
  return rest;
}

/** Operations as their callers see them: who calls, and AWS's input. */
type BoundOperations = {
  readonly [N in keyof typeof OPERATIONS]: (typeof OPERATIONS)[N] extends (
    core: Core,
    caller: Caller,
    input: infer I,
  ) => infer O
    ? (caller: Caller, input: I) => Promise<Awaited<O>>
    : never;
};

/** The operations over one vault's keys. Each answers, and refuses, by its promise. */
export function bindOperations(core: Core): BoundOperations {
  const bound = Object.entries(OPERATIONS).map(([name, operation]) => {
    const run: (core: Core, caller: Caller, input: never) => unknown = operation;
    return [name, async (caller: Caller, input: never) => run(core, caller, input)];
  });
  return Object.fromEntries(bound) as BoundOperations;
}
