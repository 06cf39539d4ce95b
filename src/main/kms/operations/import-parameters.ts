import { canWrap, kindOf, WRAPPING_ALGORITHMS, WRAPPING_KEY_SPECS } from '../../../shared/key-specs.ts';
import { wipe } from '../../crypto/bytes.ts';
import { newRsaKey, rsaPublicKey } from '../../crypto/rsa-keys.ts';
import { type Core, findKey, wouldAuthorize } from '../core.ts';
import { allowedMeanwhile, unsupported } from '../errors.ts';
import { requireNotPending } from '../found-key.ts';
import { requireExternal } from '../keys/imported-key.ts';
import { onKey } from '../request.ts';
import type { Caller, KeyIdInput } from '../types.ts';
import { requireOneOf } from '../validate.ts';

// The sets that AWS's messages name, in their order.
const ALGORITHMS = [
  'RSAES_PKCS1_V1_5',
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
  'SM2PKE',
];
const SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096', 'SM2'];
const VALID_MS = 86_400_000;

/** Input of `GetParametersForImport`. */
type GetParametersForImportInput = KeyIdInput & {
  readonly WrappingAlgorithm: string;
  readonly WrappingKeySpec: string;
};

/** `KeyId` is the key's ARN; `PublicKey` a SubjectPublicKeyInfo. Both serve for 24 hours. */
type GetParametersForImportOutput = {
  readonly KeyId: string;
  readonly ImportToken: Buffer;
  readonly PublicKey: Buffer;
  readonly ParametersValidTo: Date;
};

/** `GetParametersForImport`: a new wrapping key each time; earlier ones go on serving for their 24 hours. */
export async function getParametersForImport(
  core: Core,
  caller: Caller,
  input: GetParametersForImportInput,
): Promise<GetParametersForImportOutput> {
  const { WrappingAlgorithm, WrappingKeySpec } = input;
  const operation = onKey(caller, 'GetParametersForImport', input, true);
  const request = {
    ...operation.request,
    wrappingAlgorithm: WrappingAlgorithm.slice(0, 256),
    wrappingKeySpec: WrappingKeySpec.slice(0, 256),
  };
  const access = {
    conditions: {
      'kms:WrappingAlgorithm': request.wrappingAlgorithm,
      'kms:WrappingKeySpec': request.wrappingKeySpec,
    },
  };
  const algorithm = WRAPPING_ALGORITHMS.find((known) => known === WrappingAlgorithm);
  const bits = bitsOf(WrappingKeySpec);
  const asked = { ...operation, request, access };
  const isKnown = bits !== undefined && algorithm !== undefined;
  // It takes its time, so it is made before the transaction.
  const privateKey = isKnown && wouldAuthorize(core, asked, input.KeyId) ? await newRsaKey(bits) : undefined;
  try {
    return await core.journal.perform(asked, 'refuse', (tx, record) => {
      requireOneOf('wrappingAlgorithm', WrappingAlgorithm, ALGORITHMS);
      requireOneOf('wrappingKeySpec', WrappingKeySpec, SPECS);
      const key = findKey(core, tx, record, input.KeyId);
      requireExternal(key);
      requireNotPending(key);
      if (!isKnown) {
        throw unsupported(`Wrapping by ${WrappingAlgorithm} under ${WrappingKeySpec}`);
      }
      if (!canWrap(algorithm, WrappingKeySpec, key.row.spec)) {
        throw unsupported(`Wrapping ${key.row.spec} key material by ${algorithm} under ${WrappingKeySpec}`);
      }
      if (privateKey === undefined) throw allowedMeanwhile('GetParametersForImport');
      const validTo = core.clock.now() + VALID_MS;
      return {
        KeyId: key.arn,
        ImportToken: core.importTokens.seal(key.id, { algorithm, privateKey }, validTo),
        PublicKey: rsaPublicKey(privateKey),
        ParametersValidTo: new Date(validTo),
      };
    });
  } finally {
    wipe(privateKey);
  }
}

function bitsOf(wrappingKeySpec: string): number | undefined {
  const spec = WRAPPING_KEY_SPECS.find((known) => known === wrappingKeySpec);
  const kind = spec === undefined ? undefined : kindOf(spec);
  return kind?.kind === 'rsa' ? kind.bits : undefined;
}
