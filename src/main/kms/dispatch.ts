import { awsError, type Json, type KeywardError } from '../../shared/errors.ts';
import {
  GRANT_CONSTRAINTS,
  KMS_FIELDS_REFUSED,
  KMS_OPERATIONS,
  type KmsField,
  type KmsInput,
  type KmsOperation,
  type RefusedOperation,
} from '../../shared/kms-operations.ts';
import { wipe } from '../crypto/bytes.ts';
import type { KeyService } from './service.ts';
import type { Caller } from './types.ts';
import { missing, requireLength } from './validate.ts';

const MAX_TOKENS = 10;

/** Fields that name a key. */
const NAMING = ['KeyId', 'SourceKeyId', 'DestinationKeyId'];

/** What answers hold of secrets in clear. */
const SECRET = ['Plaintext', 'PrivateKeyPlaintext', 'SharedSecret'];

/**
 * Runs an operation by its name, from and to AWS's JSON (AWS JSON 1.1): bytes in base64, dates in seconds since
 * 1970. Fields that AWS does not have are passed over, as AWS does. Throws `ValidationException` for a field that is
 * missing, `SerializationException` for one of a wrong type, `UnsupportedOperationException` with the reason for an
 * operation or field that AWS has and the vault has not, and what the operation throws.
 */
export async function dispatch(
  kms: KeyService,
  caller: Caller,
  operation: KmsOperation | RefusedOperation,
  input: { readonly [field: string]: Json },
): Promise<{ readonly [field: string]: Json }> {
  if (!isSupported(operation)) return kms.refuse(caller, operation);
  const methods: Methods = kms;
  const run: { readonly [O in KmsOperation]: (caller: Caller, input: never) => Promise<object> } = methods;
  const read = readInput(operation, input);
  for (const [name, value] of Object.entries(read)) {
    if (!NAMING.includes(name) || typeof value !== 'string') continue;
    await kms.ensureServiceKey(caller, value, `kms:${operation}`);
  }
  const answer = await run[operation](withTokens(caller, read), read as never);
  const output = toJson(answer);
  for (const [name, value] of Object.entries(answer)) {
    if (SECRET.includes(name) && value instanceof Uint8Array) wipe(value);
  }
  return isRecord(output) ? output : {};
}

/** Makes the compiler refuse a method that the service lacks, or one that takes other fields. */
type Methods = { readonly [O in KmsOperation]: (caller: Caller, input: KmsInput<O>) => Promise<object> };

function isSupported(operation: KmsOperation | RefusedOperation): operation is KmsOperation {
  return Object.hasOwn(KMS_OPERATIONS, operation);
}

/** Moves the grant tokens of an input to its caller: they say who asks, not what for. */
function withTokens(caller: Caller, input: object): Caller {
  if (!('GrantTokens' in input) || !Array.isArray(input.GrantTokens)) return caller;
  const tokens = input.GrantTokens.filter((token) => typeof token === 'string');
  requireLength('grantTokens', tokens, 0, MAX_TOKENS);
  return { ...caller, grantTokens: tokens };
}

/** Reads the JSON of an input. */
function readInput<O extends KmsOperation>(
  operation: O,
  input: { readonly [field: string]: Json },
): KmsInput<O> {
  const fields: { readonly [field: string]: KmsField } = KMS_OPERATIONS[operation];
  for (const [name, why] of Object.entries(KMS_FIELDS_REFUSED)) {
    if (Object.hasOwn(fields, name) || !Object.hasOwn(input, name) || input[name] === null) continue;
    throw awsError('UnsupportedOperationException', `${operation} is not available with ${name}. ${why}`);
  }
  const read: { [field: string]: unknown } = {};
  for (const [name, kind] of Object.entries(fields)) {
    const shown = name.slice(0, 1).toLowerCase() + name.slice(1);
    const value = Object.hasOwn(input, name) ? input[name] : undefined;
    if (value === undefined || value === null) {
      if (!kind.endsWith('!')) continue;
      throw missing(shown);
    }
    read[name] = readField(shown, kind, value);
  }
  return read as KmsInput<O>;
}

function readField(name: string, kind: KmsField, value: Json): unknown {
  const wrong = (what: string) =>
    awsError('SerializationException', `The value at '${name}' must be ${what}.`);
  switch (kind.replace('!', '')) {
    case 'text':
      if (typeof value !== 'string') throw wrong('text');
      return value;
    case 'truth':
      if (typeof value !== 'boolean') throw wrong('true or false');
      return value;
    case 'number':
      if (typeof value !== 'number') throw wrong('a number');
      return value;
    case 'date':
      if (typeof value !== 'number') throw wrong('a date in seconds since 1970');
      return new Date(value * 1_000);
    case 'blob':
      if (typeof value !== 'string' || !isBase64(value)) throw wrong('bytes in base64');
      return Buffer.from(value, 'base64');
    case 'texts':
      if (!Array.isArray(value) || !value.every((one) => typeof one === 'string'))
        throw wrong('a list of texts');
      return value;
    case 'map':
      if (!isTexts(value)) throw wrong('a map of texts');
      return value;
    case 'constraints':
      return readConstraints(value, wrong(`${GRANT_CONSTRAINTS.join(' or ')} with a map of texts`));
    default:
      if (!Array.isArray(value) || !value.every(isTag))
        throw wrong('a list of tags with TagKey and TagValue');
      return value;
  }
}

/** An unknown constraint is refused: a grant without it would allow more than was asked for. */
function readConstraints(value: Json, wrong: KeywardError): Json {
  if (!isRecord(value)) throw wrong;
  const names: readonly string[] = GRANT_CONSTRAINTS;
  const unknown = Object.keys(value).find((name) => !names.includes(name) && value[name] !== null);
  if (unknown !== undefined) {
    throw awsError(
      'UnsupportedOperationException',
      `CreateGrant is not available with the constraint ${unknown.slice(0, 64)}. A grant here is constrained by the encryption context alone.`,
    );
  }
  const given = Object.entries(value).filter(([, pairs]) => pairs !== null);
  if (!given.every(([, pairs]) => isTexts(pairs))) throw wrong;
  return Object.fromEntries(given);
}

function isBase64(text: string): boolean {
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text);
}

function isRecord(value: Json): value is { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: Json): boolean {
  return isRecord(value) && Object.values(value).every((one) => typeof one === 'string');
}

function isTag(value: Json): boolean {
  return isRecord(value) && typeof value['TagKey'] === 'string' && typeof value['TagValue'] === 'string';
}

/** A value as AWS writes it in JSON: bytes in base64, dates in seconds since 1970, `undefined` left out. */
function toJson(value: unknown): Json {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.getTime() / 1_000;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === 'object' && value !== null) {
    const there = Object.entries(value).filter(([, one]) => one !== undefined);
    return Object.fromEntries(there.map(([name, one]) => [name, toJson(one)]));
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return null;
}
