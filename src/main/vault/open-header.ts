import { fail, isKeywardError } from '../../shared/errors.ts';
import type { ContentKind, Header } from '../envelope/header.ts';
import { copiesNotice, type HeaderState, readHeader } from '../envelope/header-copies.ts';
import type { ReadableFile } from '../envelope/io.ts';
import { type OpenHeader, type SlotFailure, unlockHeader } from '../envelope/open.ts';
import type { Caller } from '../kms/types.ts';
import { rollbackNotice } from './catalog.ts';
import { about, type JobServices } from './jobs.ts';
import { otherVault } from './slot-kinds.ts';

/** A header that was opened, and what is worth telling about it. */
export type Opened = { readonly state: HeaderState; readonly open: OpenHeader; readonly notes: string[] };

/** Reads a file's header and opens it: see `openState`. */
export async function openHeaderOf(
  services: JobServices,
  caller: Caller,
  file: Pick<ReadableFile, 'path' | 'read'>,
  signal: AbortSignal,
): Promise<Opened> {
  return openState(services, caller, await readHeader(file), file.path, signal);
}

/**
 * Opens a header by the kinds of slots that are known here; `name` is the file's path, or
 * what messages call the stream. Whoever gets it wipes `open.payloadKey`. Throws `WrongKey` when this vault has
 * none of the file's keys, and what the key core and the format throw.
 */
export async function openState(
  services: JobServices,
  caller: Caller,
  state: HeaderState,
  name: string,
  signal: AbortSignal,
): Promise<Opened> {
  const { header } = state;
  const { open, failures } = await openSlots(services, caller, header, name, signal);
  const notes = [
    copiesNotice(state, name),
    services.store.read((tx) => rollbackNotice(services.files, tx, header, name)),
    ...failures.filter((failure) => failure.error.code === 'WrongKey').map(wrongSlot),
  ].filter((note) => note !== undefined);
  return { state, open, notes };
}

/**
 * Refuses the content of a package, which this version can't unpack: `NewerFormat`. Whoever gives content to people
 * asks it; a package can be verified and rewrapped all the same.
 */
export function refusePackage(kind: ContentKind, path: string): void {
  if (kind === 'file') return;
  throw fail('package-not-understood', { path });
}

async function openSlots(
  services: JobServices,
  caller: Caller,
  header: Header,
  name: string,
  signal: AbortSignal,
): Promise<{ open: OpenHeader; failures: readonly SlotFailure[] }> {
  try {
    return await unlockHeader(
      header,
      name,
      services.slotKinds.map((kind) => kind.opener(about(caller, name))),
      signal,
    );
  } catch (error) {
    if (isKeywardError(error, 'InvalidCiphertextException')) {
      throw fail('wrapped-key-changed', { name }, { ...error.details, path: name }, error);
    }
    if (!isKeywardError(error, 'NotFoundException')) throw error;
    throw otherVault(name, services, error);
  }
}

function wrongSlot({ index }: SlotFailure): string {
  return `Slot ${index + 1} holds a key of another file; another slot opened this one.`;
}
