import type { EncryptionContext } from '../../shared/context.ts';
import type { SlotFacts } from '../../shared/contract.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import type { Header } from '../envelope/header.ts';
import type { SlotOpener, SlotProvider } from '../envelope/slot-provider.ts';
import type { Slot } from '../envelope/slots.ts';
import type { Caller, ExportOutput } from '../kms/types.ts';

/** A file whose slot is to be replaced or given out. */
type SlotFile = {
  readonly name: string;
  readonly messageId: Buffer;
  /** The user's pairs, without the message id. */
  readonly context: EncryptionContext;
};

/** How a slot is replaced: `verify` holds the data key against the header, `seal` makes the new header with it. */
type Replacing<R> = {
  readonly file: SlotFile;
  /** Under which key the new slot is to be; unless told, under that of the old one. */
  readonly key?: string | undefined;
  readonly verify: (dataKey: Buffer) => boolean;
  readonly seal: (dataKey: Buffer, slot: Slot) => R;
};

/**
 * One kind of slot in native files: vault keys, and whatever else can wrap a data key. Jobs over files know no other
 * way to a slot, so that a new kind needs no change in them.
 */
export type SlotKind = {
  /** What a slot says of its key; `undefined` for a slot of another kind. */
  describe(slot: Slot): SlotFacts | undefined;
  /** The key of a slot by a name that `provider` takes; `undefined` if it is not at hand, or the slot not of this kind. */
  keyOf(slot: Slot): string | undefined;
  /** What opens slots of this kind on somebody's behalf. */
  opener(caller: Caller): SlotOpener<Slot>;
  /** What makes slots under a key; `undefined` if `key` names none of this kind. */
  provider(caller: Caller, key: string): SlotProvider<Slot> | undefined;
  /** Whether a slot is under the newest version of its key, or of `key`. */
  isCurrent(slot: Slot, key?: string): boolean;
  /** Moves the data key in a slot to another key or version: permission for both, and one entry in the log. */
  replace<R>(
    caller: Caller,
    slot: Slot,
    how: Replacing<R>,
  ): Promise<{ readonly result: R; readonly slot: Slot }>;
  /** Gives the data key out of the vault, where this kind can; `refusal`: why the owner was not recognised anew. */
  exportDataKey?(caller: Caller, slot: Slot, file: SlotFile, refusal: KeywardError | undefined): ExportOutput;
};

/** Where keys of slots are looked for: the kinds that know them, and what is kept beside the vault. */
type KeyFinding = { readonly slotKinds: readonly SlotKind[]; readonly newerKeys: () => readonly string[] };

/** A slot of a file, and the kind that has its key at hand. */
type HeldSlot = { readonly kind: SlotKind; readonly slot: Slot; readonly key: string };

/**
 * The first slot of a file whose key is at hand; a file may have slots for others before it. Throws `UnsupportedSlot` if
 * no slot is of a kind that is known here, `WrongKey` if all that are belong to others.
 */
export function heldSlotIn({ slots }: Header, services: KeyFinding, path: string): HeldSlot {
  const { slotKinds: kinds } = services;
  for (const kind of kinds) {
    for (const slot of slots) {
      const key = kind.keyOf(slot);
      if (key !== undefined) return { kind, slot, key };
    }
  }
  if (slots.some((slot) => kinds.some((kind) => kind.describe(slot) !== undefined)))
    throw otherVault(path, services);
  throw fail('no-slot-of-a-vault', { path });
}

/** What makes slots under a key that somebody named. Throws `NotFoundException` if no kind knows it. */
export function providerOf(kinds: readonly SlotKind[], caller: Caller, key: string): SlotProvider<Slot> {
  for (const kind of kinds) {
    const provider = kind.provider(caller, key);
    if (provider !== undefined) return provider;
  }
  throw fail('no-such-key', { key });
}

/** What a slot says of its key, by the kind that knows it, or else by the format (docs/format.md section 5). */
export function describeSlot(kinds: readonly Pick<SlotKind, 'describe'>[], slot: Slot): SlotFacts {
  for (const kind of kinds) {
    const facts = kind.describe(slot);
    if (facts !== undefined) return facts;
  }
  switch (slot.kind) {
    case 'local':
      return { kind: 'local', key: slot.keyId, version: slot.versionId };
    case 'aws':
      return { kind: 'aws-kms', key: slot.keyArn, version: slot.versionId ?? null };
    case 'unknown':
      return { kind: slot.code === RECIPIENT ? 'recipient' : 'unknown', key: null, version: null };
  }
}

/** The code that the format reserves for public-key recipients. */
const RECIPIENT = 3;

/** The keys that open a file are not in this vault, or not in what was put back of it. */
export function otherVault(
  path: string,
  { newerKeys }: Pick<KeyFinding, 'newerKeys'>,
  cause?: KeywardError,
): KeywardError {
  const newer = newerKeys().at(-1);
  const details = cause?.details ?? { path };
  return newer === undefined
    ? fail('key-of-another-vault', { path }, details, cause)
    : fail('key-in-newer-keys-file', { path, newer }, { ...details, newerKeys: newer }, cause);
}
