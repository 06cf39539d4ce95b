import { KMS_REFUSED_NAMES } from '../../../src/shared/kms-operations.ts';

/**
 * "Key states of AWS KMS keys" (KMS Developer Guide), as it stands there: operations, states, footnotes. `?` is what
 * depends on the key. The columns are those of `STATES`.
 */
const TABLE = `
| CancelKeyDeletion | X[4] | X[4] | OK | X[4] | X[4],[13] | X[4] | X[4] |
| CreateAlias | OK | OK | X[3] | OK | OK | OK | OK |
| CreateGrant | OK | X[1] | X[2]or[3] | X[5] | OK | X[14] | OK |
| Decrypt | OK | X[1] | X[2]or[3] | X[5] | X[11] | X[14] | OK |
| DeleteAlias | OK | OK | OK | OK | OK | OK | OK |
| DeleteImportedKeyMaterial | OK[9] | OK[9] | OK[9] | OK(Noeffect) | N/A | X[14] | X[15] |
| DescribeKey | OK | OK | OK | OK | OK | OK | OK |
| DisableKey | OK | OK | X[3] | X[5] | OK[12] | X[14] | X[15] |
| DisableKeyRotation | ?[7] | X[1]or[7] | X[3]or[7] | X[6] | X[7] | X[14] | ?[7] |
| EnableKey | OK | OK | X[3] | X[5] | OK[12] | X[14] | X[15] |
| EnableKeyRotation | ?[7] | X[1]or[7] | X[3]or[7] | X[6] | X[7] | X[14] | ?[7] |
| Encrypt | OK | X[1] | X[2]or[3] | X[5] | X[11] | X[14] | OK |
| GenerateDataKey | OK | X[1] | X[2]or[3] | X[5] | X[11] | X[14] | OK |
| GenerateDataKeyPair | OK | X[1] | X[2]or[3] | X[5] | X[11] | X[14] | OK |
| GenerateDataKeyPairWithoutPlaintext | OK | X[1] | X[2]or[3] | X[5] | X[11] | X[14] | OK |
| GenerateDataKeyWithoutPlaintext | OK | X[1] | X[2]or[3] | X[5] | X[11] | X[14] | OK |
| GenerateMac | OK | X[1] | X[2]or[3] | N/A | N/A | X[14] | OK |
| GetKeyPolicy | OK | OK | OK | OK | OK | OK | OK |
| GetKeyRotationStatus | ?[7] | ?[7] | ?[7] | X[6] | X[7] | ?[7] | ?[7] |
| GetParametersForImport | ?[9] | ?[9] | X[8]or[9] | OK | X[9] | X[14] | X[15] |
| GetPublicKey | OK | X[1] | X[2]or[3] | N/A | N/A | X[14] | OK |
| ImportKeyMaterial | ?[9] | ?[9] | X[8]or[9] | OK | X[9] | X[14] | OK |
| ListAliases | OK | OK | OK | OK | OK | OK | OK |
| ListGrants | OK | OK | OK | OK | OK | OK | OK |
| ListKeyPolicies | OK | OK | OK | OK | OK | OK | OK |
| ListResourceTags | OK | OK | OK | OK | OK | OK | OK |
| PutKeyPolicy | OK | OK | OK | OK | OK | OK | OK |
| ReEncrypt | OK | X[1] | X[2]or[3] | X[5] | X[11] | X[14] | OK |
| ReplicateKey | OK | X[1] | X[2]or[3] | X[5] | N/A | X[14] | X[15] |
| RetireGrant | OK | OK | OK | OK | OK | OK | OK |
| RevokeGrant | OK | OK | OK | OK | OK | OK | OK |
| ScheduleKeyDeletion | OK | OK | X[3] | OK | OK | OK | X[15] |
| Sign | OK | X[1] | X[2]or[3] | N/A | N/A | X[14] | OK |
| TagResource | OK | OK | X[3] | OK | OK | OK | OK |
| UntagResource | OK | OK | X[3] | OK | OK | OK | OK |
| UpdateAlias | OK | OK | ?[10] | OK | OK | OK | OK |
| UpdateKeyDescription | OK | OK | X[3] | OK | OK | OK | OK |
| UpdatePrimaryRegion | OK | X[1] | X[2]or[3] | X[5] | N/A | X[14] | OK |
| Verify | OK | X[1] | X[2]or[3] | N/A | N/A | X[14] | OK |
| VerifyMac | OK | X[1] | X[2]or[3] | N/A | N/A | X[14] | OK |
`;

/** What AWS added since, in the same form; not published, but as other uses and looks are. [16] is our reading. */
const SINCE = `
| Decapsulate | OK | X[1] | X[2]or[3] | N/A | N/A | X[14] | OK |
| DeriveSharedSecret | OK | X[1] | X[2]or[3] | N/A | N/A | X[14] | OK |
| Encapsulate | OK | X[1] | X[2]or[3] | N/A | N/A | X[14] | OK |
| GetKeyLastUsage | OK | OK | OK | OK | OK | OK | OK |
| ListKeyRotations | OK | OK | OK | OK | OK | OK | OK |
| RotateKeyOnDemand | ?[16] | X[1] | X[2]or[3] | X[5] | X[11] | X[14] | OK |
`;

/** The states that a key of this vault can have. */
export const STATES = ['Enabled', 'Disabled', 'PendingDeletion', 'PendingImport'] as const;

/** The other columns of the table, each with why no key of this vault is ever so. */
export const NEVER = {
  Unavailable: 'only a key in a custom key store is, while its store is not connected',
  Creating: 'a key is made in one transaction and answered when it is there',
  Updating: 'only a multi-region key is, while its primary region changes',
} as const;

/** One of the states above. */
export type State = (typeof STATES)[number];

/** Where a key's material is from. */
export type Origin = 'AWS_KMS' | 'EXTERNAL';

/** The rows: an operation, and its cell for each state. */
export const ROWS = [...TABLE.trim().split('\n'), ...SINCE.trim().split('\n')].map((line) => {
  const [operation = '', ...cells] = line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
  return { operation, cells };
});

const ORIGIN_EXTERNAL = 'origin is EXTERNAL which is not valid for this operation.';
const ORIGIN_AWS = 'origin is AWS_KMS which is not valid for this operation.';

/** What the footnotes say: name and message of the error, behind the key's ARN. */
const NOTES: { readonly [note: string]: readonly [name: string, message: string] } = {
  '1': ['DisabledException', 'is disabled.'],
  // The guide has DisabledException beside it; the service answers this one.
  '3': ['KMSInvalidStateException', 'is pending deletion.'],
  '4': ['KMSInvalidStateException', 'is not pending deletion.'],
  '5': ['KMSInvalidStateException', 'is pending import.'],
  '6': ['UnsupportedOperationException', ORIGIN_EXTERNAL],
  '7': ['UnsupportedOperationException', ORIGIN_EXTERNAL],
  '8': ['KMSInvalidStateException', 'is pending deletion.'],
  '9': ['UnsupportedOperationException', ORIGIN_AWS],
};

/** Name and message of an error, the key's ARN left out; `OK` without one. */
export type Answer = readonly [name: string, message: string];

const OK: Answer = ['OK', ''];

/** What a cell says for a key of this origin; `target`: the key is what an alias is to name. */
export function answerOf(operation: string, cell: string, origin: Origin, target: boolean): Answer {
  if (KMS_REFUSED_NAMES.some((name) => name === operation)) return ['UnsupportedOperationException', ''];
  const external = origin === 'EXTERNAL';
  switch (cell) {
    case 'OK':
    case 'OK(Noeffect)':
      return OK;
    case '?[7]':
      return external ? note('7') : OK;
    case 'X[1]or[7]':
      return note(external ? '7' : '1');
    case 'X[3]or[7]':
      return note(external ? '7' : '3');
    case 'OK[9]':
    case '?[9]':
      return external ? OK : note('9');
    case 'X[8]or[9]':
      return note(external ? '8' : '9');
    case '?[10]':
      return target ? note('3') : OK;
    case '?[16]':
      return external
        ? ['KMSInvalidStateException', 'No available key material pending rotation for the key: <arn>.']
        : OK;
    case 'X[2]or[3]':
      return note('3');
    case 'N/A':
      // Of the time when no such key could have imported material.
      return note('5');
    default:
      return note(/^X\[(\d+)\]$/.exec(cell)?.[1] ?? '');
  }
}

function note(number: string): Answer {
  const found = NOTES[number];
  if (found === undefined) throw new RangeError(`no footnote ${number}`);
  return [found[0], `<arn> ${found[1]}`];
}
