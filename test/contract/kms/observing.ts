import type { KMS } from '@aws-sdk/client-kms';
import {
  KMS_OPERATIONS,
  type KmsField,
  type KmsOperation,
  type RefusedOperation,
} from '../../../src/shared/kms-operations.ts';
import { GONE, there, type World } from './world.ts';

/** The input that AWS's own client takes for an operation. */
export type InputOf<O extends KmsOperation | RefusedOperation> = Parameters<KMS[Uncapitalize<O>]>[0];

/** Prepares a vault for a call, and gives the call's input. */
export type Make<I> = (world: World) => Promise<I> | I;

/** Errors by name, each with how to get it. */
export type Errors<I> = { readonly [error: string]: Make<I> };

/** One outcome of one operation, and how to get it; the harness makes the call and looks whether it comes out so. */
export type Observation = {
  readonly operation: KmsOperation | RefusedOperation;
  /** `success`, or the name of an error. */
  readonly outcome: string;
  readonly input: Make<object>;
  /** Who calls, or when: somebody who may do nothing; while the vault is being locked. */
  readonly circumstance?: 'nobody' | 'locking';
  /** The fields of a successful answer, no more and no less. */
  readonly gives?: readonly string[];
};

/**
 * The observations of an operation: its success, the errors that are given, and those that every operation has:
 * nobody may, a field is missing, the vault is being locked.
 */
export function operation<O extends KmsOperation>(
  name: O,
  make: Make<InputOf<O>>,
  gives: readonly string[],
  errors: Errors<InputOf<O>> = {},
): Observation[] {
  const lacking = firstNeeded(name) === undefined ? {} : { ValidationException: () => ({}) };
  return [
    { operation: name, outcome: 'success', input: make, gives },
    { operation: name, outcome: 'AccessDeniedException', input: make, circumstance: 'nobody' },
    ...Object.entries({ ...lacking, ...errors }).map(([outcome, input]) => ({
      operation: name,
      outcome,
      input,
    })),
    { operation: name, outcome: 'KeyUnavailableException', input: make, circumstance: 'locking' },
  ];
}

function firstNeeded(name: KmsOperation): string | undefined {
  const fields: { readonly [field: string]: KmsField } = KMS_OPERATIONS[name];
  return Object.entries(fields).find(([, kind]) => kind.endsWith('!'))?.[0];
}

type OfKey = { readonly KeyId?: string | undefined };

/** The errors of whatever takes a `KeyId`. */
export function found<I extends OfKey>(make: Make<I>): Errors<I> {
  return {
    NotFoundException: async (world) => ({ ...(await make(world)), KeyId: GONE }),
    InvalidArnException: async (world) => ({ ...(await make(world)), KeyId: 'arn:aws:kms:local:key' }),
  };
}

/** The input of a call on a key that was disabled after it was prepared. */
export function disabled<I extends OfKey>(make: Make<I>): Make<I> {
  return async (world) => {
    const input = await make(world);
    await world.kms.disableKey({ KeyId: there(input.KeyId) });
    return input;
  };
}

/** The input of a call on a key whose deletion was scheduled after it was prepared. */
export function pendingDeletion<I extends OfKey>(make: Make<I>): Make<I> {
  return async (world) => {
    const input = await make(world);
    await world.kms.scheduleKeyDeletion({ KeyId: there(input.KeyId) });
    return input;
  };
}

/** The errors of whatever uses a key: not found, disabled, pending deletion, a grant token that is none. */
export function used<I extends OfKey & { readonly GrantTokens?: string[] | undefined }>(
  make: Make<I>,
): Errors<I> {
  return {
    ...found(make),
    DisabledException: disabled(make),
    KMSInvalidStateException: pendingDeletion(make),
    InvalidGrantTokenException: async (world) => ({ ...(await make(world)), GrantTokens: ['none'] }),
  };
}

/** The answer to a call that is only tried. */
export function tried<I extends { readonly DryRun?: boolean | undefined }>(make: Make<I>): Errors<I> {
  return { DryRunOperationException: async (world) => ({ ...(await make(world)), DryRun: true }) };
}

/** The error of whatever lists. */
export function paged<I extends { readonly Marker?: string | undefined }>(make: Make<I>): Errors<I> {
  return { InvalidMarkerException: async (world) => ({ ...(await make(world)), Marker: 'none' }) };
}

/** Input with one field changed. */
export function but<I>(make: Make<I>, change: Partial<I>): Make<I> {
  return async (world) => ({ ...(await make(world)), ...change });
}
