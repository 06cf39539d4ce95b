import { withMessageId } from '../../shared/context.ts';
import { asKeywardError, fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { equalBytes, wipe } from '../crypto/bytes.ts';
import { areaMac, deriveKeys } from './derive.ts';
import { damaged, wrongKey } from './errors.ts';
import type { Header } from './header.ts';
import { DATA_KEY_BYTES } from './layout.ts';
import { type FileMetadata, openMetadata } from './metadata.ts';
import { throwIfAborted } from './pipeline.ts';
import type { SlotOpener } from './slot-provider.ts';
import type { Slot } from './slots.ts';

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
      throw damaged(name, 0, header.areaLength, 'header-changed');
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
    throw damaged(name, from, header.immutable.length, 'metadata-malformed');
  }
  return metadata;
}

/** Why one slot did not open the file; `index` counts from 0 in the header. */
export type SlotFailure = { readonly index: number; readonly slot: Slot; readonly error: KeywardError };

/** The order in which slots are tried: keys at hand first. */
const ORDER: readonly Slot['kind'][] = ['local', 'aws', 'unknown'];

/**
 * Opens a header by its slots. Each of `openers` is asked in turn, for local slots first, then for AWS ones, each in
 * the order of the header, under one signal. A slot that is refused, or whose key fails the commitment, is noted and
 * the next one tried; a header whose HMAC fails under the right key ends it. Throws the most telling failure,
 * `details.slots` naming all; a slot that is nobody's fails with `UnsupportedSlot`.
 */
export async function unlockHeader(
  header: Header,
  name: string,
  openers: readonly SlotOpener<Slot>[],
  signal?: AbortSignal,
): Promise<{ open: OpenHeader; index: number; failures: readonly SlotFailure[] }> {
  const binding = { name, context: withMessageId(header.context, header.messageId), signal };
  const failures: SlotFailure[] = [];
  const slots = ORDER.flatMap((kind) => [...header.slots.entries()].filter(([, slot]) => slot.kind === kind));
  const unclaimed = new Set(slots);
  for (const opener of openers) {
    for (const numbered of slots) {
      const [index, slot] = numbered;
      try {
        signal?.throwIfAborted();
        const dataKey = await opener.unwrap(slot, binding);
        if (dataKey === undefined) continue;
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
      unclaimed.delete(numbered);
    }
  }
  failures.push(...[...unclaimed].map(([index, slot]) => ({ index, slot, error: unsupported(slot) })));
  throw noneOpened(name, failures);
}

function slotError(error: unknown): KeywardError {
  return error instanceof Error && error.name === 'TimeoutError'
    ? fail('key-too-slow', {}, {}, error)
    : asKeywardError(error);
}

function unsupported(slot: Slot): KeywardError {
  switch (slot.kind) {
    case 'local':
      return fail('slot-of-a-vault', { keyId: slot.keyId });
    case 'aws':
      return fail('slot-of-an-aws-account', { keyArn: slot.keyArn }, { key: slot.keyArn });
    case 'unknown':
      return fail('slot-of-an-unknown-kind', { kind: slot.code });
  }
}

// A refusal says more than a key that is not here, and that more than a slot nobody could try.
const MIN_TELLING = ['UnsupportedSlot', 'WrongKey', 'NotFoundException'];

function noneOpened(name: string, failures: readonly SlotFailure[]): KeywardError {
  const rank = (failure: SlotFailure) => MIN_TELLING.indexOf(failure.error.code) + 1 || 9;
  const best = failures.toSorted((a, b) => rank(b) - rank(a))[0]?.error;
  const slots = failures.map(({ index, slot, error }) => ({
    index,
    key: slot.kind === 'local' ? slot.keyId : slot.kind === 'aws' ? slot.keyArn : `kind ${slot.code}`,
    code: error.code,
  }));
  if (best === undefined) {
    return fail(
      'no-slot-at-all',
      { path: name },
      {
        path: name,
        slots,
      },
    );
  }
  return fail(
    'no-slot-opened',
    { path: name, error: best.toBody() },
    { ...best.details, path: name, slots },
    best,
  );
}
