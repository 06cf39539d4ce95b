import { type EncryptionContext, encodeContext } from '../../shared/context.ts';
import { isKeywardError, type Json, type KeywardError } from '../../shared/errors.ts';
import type { AccessFacts } from './access/facts.ts';
import type { Operation } from './operation.ts';
import type { Caller, KeyIdInput } from './types.ts';

/** The encryption context of a request: shown in the log if it is valid, refused when its bytes are asked for if not. */
export class RequestContext {
  readonly #bytes: Uint8Array | KeywardError;
  /** For the log; missing where there are no pairs, or none that could be stored. */
  readonly shown: EncryptionContext | undefined;

  constructor(pairs: EncryptionContext = {}) {
    this.#bytes = encoded(pairs);
    const isShown = this.#bytes instanceof Uint8Array && this.#bytes.length > 0;
    this.shown = isShown ? pairs : undefined;
  }

  /** The canonical bytes. Throws `ValidationException`. */
  bytes(): Uint8Array {
    if (this.#bytes instanceof Uint8Array) return this.#bytes;
    throw this.#bytes;
  }
}

function encoded(pairs: EncryptionContext): Uint8Array | KeywardError {
  try {
    return encodeContext(pairs);
  } catch (error) {
    if (isKeywardError(error)) return error;
    throw error;
  }
}

/** A name of a key as the caller wrote it, cut to what AWS allows, for the log. */
export function named(keyId: string): string;
export function named(keyId: string | undefined): string | undefined;
export function named(keyId: string | undefined): string | undefined {
  return keyId?.slice(0, 2_048);
}

/** The entry of an operation on data; AWS calls them read-only, for they change no key. Missing inputs are left out. */
export function dataOperation(
  caller: Caller,
  eventName: string,
  request: { readonly [name: string]: Json | undefined },
  access: AccessFacts = {},
): Operation {
  const given = Object.entries(request).filter((pair): pair is [string, Json] => pair[1] !== undefined);
  return { caller, eventName, readOnly: true, request: Object.fromEntries(given), access };
}

/** The entry of an operation on the key that the caller named. */
export function onKey(
  caller: Caller,
  eventName: string,
  input: KeyIdInput,
  readOnly: boolean,
  access: AccessFacts = {},
): Operation {
  return { caller, eventName, readOnly, request: { keyId: named(input.KeyId) }, access };
}
