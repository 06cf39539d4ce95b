import { awsError, type ErrorCode, type Json, type KeywardError } from '../../shared/errors.ts';
import {
  KMS_OPERATION_NAMES,
  KMS_REFUSED_NAMES,
  type KmsOperation,
  type RefusedOperation,
} from '../../shared/kms-operations.ts';

/*
 * AWS JSON 1.1 as AWS KMS speaks it: an operation in `X-Amz-Target`, fields as JSON in the body, errors as
 * `{"__type", "message"}` (https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html).
 */

/** The content type of every answer. */
export const CONTENT_TYPE = 'application/x-amz-json-1.1';

const PREFIX = 'TrentService.';
const OPERATIONS = [...KMS_OPERATION_NAMES, ...KMS_REFUSED_NAMES];

/** AWS's errors that are the service's own fault; AWS's clients ask again after those. */
const FAULTS: readonly ErrorCode[] = ['KMSInternalException', 'KeyUnavailableException'];

/** Codes of ours that say that the vault is not open here any more. */
const AWAY: readonly ErrorCode[] = [
  'VaultLocked',
  'VaultNotFound',
  'OwnerBusy',
  'OwnerUnreachable',
  'Cancelled',
];

/** The operation that a request asks for; also one that AWS has and this vault has not. Throws `UnknownOperationException`. */
export function operationOf(target: string | undefined): KmsOperation | RefusedOperation {
  const name = target?.startsWith(PREFIX) === true ? target.slice(PREFIX.length) : '';
  const known = OPERATIONS.find((one) => one === name);
  if (known !== undefined) return known;
  throw awsError(
    'UnknownOperationException',
    `The X-Amz-Target header must name an operation of AWS KMS, such as ${PREFIX}Encrypt.`,
  );
}

/** The fields of a body. Throws `SerializationException` for what is not a JSON object in UTF-8. */
export function fieldsOf(body: Uint8Array): { readonly [field: string]: Json } {
  let value: Json;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Json;
  } catch {
    throw awsError('SerializationException', 'The body is not JSON in UTF-8.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw awsError('SerializationException', 'The body must be a JSON object.');
  }
  return value as { readonly [field: string]: Json };
}

/**
 * An error as AWS's clients understand it: its HTTP status and its body. AWS's codes go out as they are, those of
 * ours as `KeyUnavailableException` where the vault is not open, else as `KMSInternalException`, with the message.
 */
export function errorAnswer(error: KeywardError): { status: number; body: string } {
  const { code, message } = error.toBody();
  const type = typeOf(code);
  const said = message === '' ? {} : { message };
  return { status: FAULTS.includes(type) ? 500 : 400, body: JSON.stringify({ __type: type, ...said }) };
}

/** `ThrottlingException`, after which AWS's clients ask again. */
export function throttled(): KeywardError {
  return awsError('ThrottlingException', 'Rate exceeded');
}

function typeOf(code: ErrorCode): ErrorCode {
  if (code.endsWith('Exception')) return code;
  return AWAY.includes(code) ? 'KeyUnavailableException' : 'KMSInternalException';
}
