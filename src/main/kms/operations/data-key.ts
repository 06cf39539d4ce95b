import { awsError } from '../../../shared/errors.ts';
import { randomBytes } from '../../crypto/bytes.ts';
import { ALGORITHM, encryptUnder } from '../cipher/symmetric.ts';
import { type Core, findKey } from '../core.ts';
import { requireEnabled, requireSymmetric } from '../found-key.ts';
import { dataOperation, named, RequestContext } from '../request.ts';
import type { Caller, GenerateDataKeyInput, GenerateDataKeyOutput } from '../types.ts';
import { requireOneOf, requireRange } from '../validate.ts';
import { endDryRun } from './dry-run.ts';

const DATA_KEY_BYTES: ReadonlyMap<string, number> = new Map([
  ['AES_256', 32],
  ['AES_128', 16],
]);

/** `GenerateDataKey`: fresh random bytes, in clear and wrapped under the key's current version. */
export async function generateDataKey(
  core: Core,
  caller: Caller,
  input: GenerateDataKeyInput,
  eventName: 'GenerateDataKey' | 'GenerateDataKeyWithoutPlaintext' = 'GenerateDataKey',
): Promise<GenerateDataKeyOutput> {
  const context = new RequestContext(input.EncryptionContext);
  const operation = dataOperation(
    caller,
    eventName,
    {
      keyId: named(input.KeyId),
      keySpec: input.KeySpec?.slice(0, 256),
      numberOfBytes: input.NumberOfBytes,
      encryptionContext: context.shown,
    },
    { encryptionContext: context.shown, conditions: { 'kms:EncryptionAlgorithm': ALGORITHM } },
  );
  return core.journal.perform(operation, 'refuse', (tx, record) => {
    const length = dataKeyLength(input);
    const key = findKey(core, tx, record, input.KeyId);
    requireEnabled(key);
    requireSymmetric(key, eventName);
    const bytes = context.bytes();
    endDryRun(input);
    const plaintext = randomBytes(length);
    const CiphertextBlob = encryptUnder(core, tx, record, key, bytes, plaintext, eventName);
    return { CiphertextBlob, Plaintext: plaintext, KeyId: key.arn, KeyMaterialId: key.row.current };
  });
}

function dataKeyLength(input: GenerateDataKeyInput): number {
  if ((input.KeySpec === undefined) === (input.NumberOfBytes === undefined)) {
    throw awsError('ValidationException', 'Please specify either number of bytes or key spec.');
  }
  if (input.NumberOfBytes !== undefined) {
    requireRange('numberOfBytes', input.NumberOfBytes, 1, 1_024);
    return input.NumberOfBytes;
  }
  requireOneOf('keySpec', input.KeySpec ?? '', [...DATA_KEY_BYTES.keys()]);
  return DATA_KEY_BYTES.get(input.KeySpec ?? '') ?? 0;
}
