import { type EncryptionContext, withMessageId } from '../../shared/context.ts';
import { asKeywardError, isKeywardError, KeywardError } from '../../shared/errors.ts';
import { equalBytes, wipe } from '../crypto/bytes.ts';
import { areaMac, deriveKeys } from './derive.ts';
import { damaged, wrongKey } from './errors.ts';
import type { Header } from './header.ts';
import { DATA_KEY_BYTES } from './layout.ts';
import { type FileMetadata, openMetadata } from './metadata.ts';
import { throwIfAborted } from './pipeline.ts';
import type { AwsSlot, LocalSlot, Slot } from './slots.ts';

/** A header whose commitment and HMAC are verified, with what it protects. Made only here and by `newHeader`. */
export type OpenHeader = {
  readonly header: Header;
  /** 32 bytes for the frames; the holder wipes it when done. */
  readonly payloadKey: Buffer;
  /** Empty when the file has no metadata block. */
  readonly metadata: FileMetadata;
};

/**
 * Verifies a header with its data key, in the order of docs/format.md section 8: commitment (`WrongKey` when
 * it is another key's), then HMAC (`FileDamaged`), then the metadata block. The data key stays the caller's.
 */
export function openHeader(header: Header, dataKey: Buffer, name: string): OpenHeader {
  if (dataKey.length !== DATA_KEY_BYTES) throw wrongKey(name);
  const keys = deriveKeys(dataKey, header.immutable);
  try {
    if (!equalBytes(keys.commitment, header.commitment)) throw wrongKey(name);
    if (!equalBytes(areaMac(keys.header, header.area), header.mac)) {
      throw damaged(name, 0, header.areaLength, 'Its header was changed by someone without its key.');
    }
    const metadata = metadataOf(header, dataKey, name);
    return { header, payloadKey: Buffer.from(keys.payload), metadata };
  } finally {
    wipe(keys.payload, keys.header);
  }
}

function metadataOf(header: Header, dataKey: Buffer, name: string): FileMetadata {
  const sealed = header.sealedMetadata;
  if (sealed.length === 0) return {};
  const from = header.immutable.length - sealed.length;
  const before = header.area.subarray(0, from);
  const metadata = openMetadata(dataKey, header.messageId, before, sealed);
  if (metadata === undefined) {
    throw damaged(name, from, header.immutable.length, 'The kept name and times are malformed.');
  }
  return metadata;
}

/** Why one slot did not open the file; `index` counts from 0 in the header. */
export type SlotFailure = { readonly index: number; readonly slot: Slot; readonly error: KeywardError };

/**
 * Asks a key service to unwrap a slot under this context; gives the 32-byte data key or throws a
 * `KeywardError` (a slot that must not be tried: `UnsupportedSlot`). The signal is the total time limit.
 */
export type Unwrap = (
  slot: LocalSlot | AwsSlot,
  context: EncryptionContext,
  signal: AbortSignal | undefined,
) => Promise<Buffer>;

/**
 * Opens a header by its slots: local ones first, then AWS ones, each in the order of the header, under one
 * signal. A slot that is refused, or whose key fails the commitment, is noted and the next one tried; a header
 * whose HMAC fails under the right key ends it. Throws the most telling failure, `details.slots` naming all.
 */
export async function unlockHeader(
  header: Header,
  name: string,
  unwrap: Unwrap,
  signal?: AbortSignal,
): Promise<{ open: OpenHeader; index: number; failures: readonly SlotFailure[] }> {
  const context = withMessageId(header.context, header.messageId);
  const failures: SlotFailure[] = [];
  for (const kind of ['local', 'aws', 'unknown'] as const) {
    for (const [index, slot] of header.slots.entries()) {
      if (slot.kind !== kind) continue;
      try {
        if (slot.kind === 'unknown') throw unsupported(slot.code);
        signal?.throwIfAborted();
        const dataKey = await unwrap(slot, context, signal);
        try {
          return { open: openHeader(header, dataKey, name), index, failures };
        } finally {
          wipe(dataKey);
        }
      } catch (error) {
        if (isKeywardError(error, 'FileDamaged', 'Cancelled')) throw error;
        // Whoever cancelled is not to hear of a key that was too slow.
        if (error instanceof Error && error.name === 'AbortError') throwIfAborted(signal);
        failures.push({ index, slot, error: slotError(error) });
      }
    }
  }
  throw noneOpened(name, failures);
}

function slotError(error: unknown): KeywardError {
  return error instanceof Error && error.name === 'TimeoutError'
    ? new KeywardError('KeyUnavailableException', 'The key did not answer in time. Try again.', {}, error)
    : asKeywardError(error);
}

function unsupported(code: number): KeywardError {
  return new KeywardError(
    'UnsupportedSlot',
    `A key of kind ${code} is not known to this version of Keyward.`,
  );
}

// A refusal says more than a key that is not here, and that more than a slot nobody could try.
const LEAST_TELLING = ['UnsupportedSlot', 'WrongKey', 'NotFoundException'];

function noneOpened(name: string, failures: readonly SlotFailure[]): KeywardError {
  const rank = (failure: SlotFailure) => LEAST_TELLING.indexOf(failure.error.code) + 1 || 9;
  const best = failures.toSorted((a, b) => rank(b) - rank(a))[0]?.error;
  const slots = failures.map(({ index, slot, error }) => ({
    index,
    key: slot.kind === 'local' ? slot.keyId : slot.kind === 'aws' ? slot.keyArn : `kind ${slot.code}`,
    code: error.code,
  }));
  if (best === undefined) {
    return new KeywardError('UnsupportedSlot', `${name} holds no key that could open it.`, {
      path: name,
      slots,
    });
  }
  return new KeywardError(
    best.code,
    `${name} could not be opened: ${best.message}`,
    { ...best.details, path: name, slots },
    best,
  );
}
