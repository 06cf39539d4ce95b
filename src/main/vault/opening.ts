import { isKeywardError, KeywardError } from '../../shared/errors.ts';
import type { OpenFile } from '../disk/file.ts';
import { copiesNotice, type HeaderState, readHeader } from '../envelope/copies.ts';
import type { Header } from '../envelope/header.ts';
import { type OpenHeader, type SlotFailure, type Unwrap, unlockHeader } from '../envelope/open.ts';
import type { Slot } from '../envelope/slots.ts';
import type { Caller } from '../kms/types.ts';
import { about, type JobRooms } from './jobs.ts';
import { rollbackNotice } from './known-files.ts';

/** A file whose header was opened, by which slot, and what is worth telling about it. */
export type Opened = {
  readonly state: HeaderState;
  readonly open: OpenHeader;
  readonly slot: Slot;
  readonly notes: string[];
};

/**
 * Opens a file's header by `Decrypt` calls of the key core, each with its audit entry. Whoever gets it wipes
 * `open.payloadKey`. Throws `WrongKey` when this vault has none of the file's keys, and what the key core and
 * the format throw.
 */
export async function openForReading(
  rooms: JobRooms,
  caller: Caller,
  file: OpenFile,
  signal: AbortSignal,
): Promise<Opened> {
  const state = await readHeader(file);
  const { header } = state;
  const { open, index, failures } = await openSlots(rooms, caller, header, file.path, signal);
  const slot = header.slots[index];
  if (slot === undefined) throw new RangeError('no such slot');
  const notes = [
    copiesNotice(state, file.path),
    rooms.store.read((tx) => rollbackNotice(rooms.files, tx, header, file.path)),
    ...failures.filter((failure) => failure.error.code === 'WrongKey').map(wrongSlot),
  ].filter((note) => note !== undefined);
  return { state, open, slot, notes };
}

/** Opens the header of a stream, whose name is only for messages. */
export async function openSlots(
  rooms: JobRooms,
  caller: Caller,
  header: Header,
  name: string,
  signal: AbortSignal,
): Promise<{ open: OpenHeader; index: number; failures: readonly SlotFailure[] }> {
  try {
    return await unlockHeader(header, name, unwrapFor(rooms, about(caller, name)), signal);
  } catch (error) {
    if (isKeywardError(error, 'InvalidCiphertextException')) {
      throw new KeywardError(
        'FileDamaged',
        `${name} could not be opened: the wrapped key in its header, or its context, was changed since it was encrypted.`,
        { ...error.details, path: name },
        error,
      );
    }
    if (!isKeywardError(error, 'NotFoundException')) throw error;
    throw new KeywardError(
      'WrongKey',
      `${name} was encrypted under a key that this vault does not have. Open it with the vault it was made in.`,
      error.details,
      error,
    );
  }
}

function unwrapFor(rooms: JobRooms, caller: Caller): Unwrap {
  return async (slot, context) => {
    if (slot.kind === 'aws') {
      throw new KeywardError(
        'UnsupportedSlot',
        `The key ${slot.keyArn} belongs to an AWS account that is not linked, so it was not asked.`,
        { key: slot.keyArn },
      );
    }
    const { Plaintext } = await rooms.kms.Decrypt(caller, {
      CiphertextBlob: slot.wrapped,
      KeyId: slot.keyId,
      EncryptionContext: context,
    });
    return Plaintext;
  };
}

function wrongSlot({ index }: SlotFailure): string {
  return `Slot ${index + 1} holds a key of another file; another slot opened this one.`;
}
