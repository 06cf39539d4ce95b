import { awsError } from '../../../shared/errors.ts';
import { algorithmsOf, kindOf, MAC_ALGORITHMS } from '../../../shared/key-specs.ts';
import { equalBytes } from '../../crypto/bytes.ts';
import { hmacWith } from '../../crypto/hash.ts';
import type { ReadTx } from '../../store/database.ts';
import { type Core, findKey, withCurrent } from '../core.ts';
import { type FoundKey, requireEnabled, requireUsage } from '../found-key.ts';
import type { OperationRecord } from '../operation.ts';
import { dataOperation, named } from '../request.ts';
import type { Caller, DryRunInput, KeyIdInput } from '../types.ts';
import { requireLength, requireOneOf } from '../validate.ts';
import { endDryRun } from './dry-run.ts';

/** Input of `GenerateMac`; `Message` 1–4096 bytes. */
type GenerateMacInput = KeyIdInput &
  DryRunInput & { readonly Message: Uint8Array; readonly MacAlgorithm: string };
/** Input of `VerifyMac`; `Mac` 1–6144 bytes. */
type VerifyMacInput = GenerateMacInput & { readonly Mac: Uint8Array };
/** `KeyId` is the key's ARN. */
type GenerateMacOutput = {
  readonly Mac: Buffer;
  readonly MacAlgorithm: string;
  readonly KeyId: string;
};
/** `MacValid` is always true: a MAC that is not throws `KMSInvalidMacException`. */
type VerifyMacOutput = {
  readonly KeyId: string;
  readonly MacValid: true;
  readonly MacAlgorithm: string;
};

/** `GenerateMac` (RFC 2104). */
export async function generateMac(
  core: Core,
  caller: Caller,
  input: GenerateMacInput,
): Promise<GenerateMacOutput> {
  return core.journal.perform(operationOf(caller, 'GenerateMac', input), 'refuse', (tx, record) => {
    const key = keyFor(core, tx, record, input, 'GenerateMac');
    endDryRun(input);
    return { Mac: macOf(core, tx, key, input.Message), MacAlgorithm: input.MacAlgorithm, KeyId: key.arn };
  });
}

/** `VerifyMac`. Throws `KMSInvalidMacException` for any other MAC. */
export async function verifyMac(core: Core, caller: Caller, input: VerifyMacInput): Promise<VerifyMacOutput> {
  return core.journal.perform(operationOf(caller, 'VerifyMac', input), 'refuse', (tx, record) => {
    requireLength('mac', input.Mac, 1, 6_144);
    const key = keyFor(core, tx, record, input, 'VerifyMac');
    const mac = macOf(core, tx, key, input.Message);
    if (!equalBytes(mac, input.Mac)) throw awsError('KMSInvalidMacException', '');
    endDryRun(input);
    return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
  });
}

function operationOf(caller: Caller, eventName: string, input: GenerateMacInput) {
  const macAlgorithm = input.MacAlgorithm.slice(0, 256);
  const conditions = { 'kms:MacAlgorithm': macAlgorithm };
  return dataOperation(caller, eventName, { keyId: named(input.KeyId), macAlgorithm }, { conditions });
}

function keyFor(
  core: Core,
  tx: ReadTx,
  record: OperationRecord,
  input: GenerateMacInput,
  operation: string,
): FoundKey {
  requireLength('message', input.Message, 1, 4_096);
  requireOneOf('macAlgorithm', input.MacAlgorithm, MAC_ALGORITHMS);
  const key = findKey(core, tx, record, input.KeyId);
  requireEnabled(key);
  requireUsage(key, 'GENERATE_VERIFY_MAC', operation);
  const { MacAlgorithms = [] } = algorithmsOf(key.row.spec, key.row.usage);
  if (MacAlgorithms.includes(input.MacAlgorithm)) return key;
  throw awsError(
    'InvalidKeyUsageException',
    `Algorithm ${input.MacAlgorithm} is incompatible with key spec ${key.row.spec}.`,
  );
}

function macOf(core: Core, tx: ReadTx, key: FoundKey, message: Uint8Array): Buffer {
  const kind = kindOf(key.row.spec);
  if (kind.kind !== 'hmac') throw new RangeError('no HMAC key');
  return withCurrent(core, tx, key, (material) => hmacWith(kind.hash, material, message));
}
