import type { EncryptionContext } from '../../shared/context.ts';

/** What ties a data key to one file or message. */
export type Binding = {
  /** The file's path, or what messages call the stream. */
  readonly name: string;
  /** The whole encryption context: the user's pairs, and the message id where the format binds it. */
  readonly context: EncryptionContext;
  /** The cancel, and the time limit for all slots together. */
  readonly signal?: AbortSignal | undefined;
};

/** A new data key, 32 bytes, which whoever gets it wipes, and the slot that it was wrapped into. */
type NewDataKey<S> = { readonly dataKey: Buffer; readonly slot: S };

/**
 * Opens slots, as an identity of age does: `unwrap` gives the data key, which whoever gets it wipes, `undefined` for a
 * slot that is not its own, and throws a `KeywardError` for one that is and does not open; the next slot is tried then.
 */
export type SlotOpener<S> = { unwrap(slot: S, binding: Binding): Promise<Buffer | undefined> };

/** Makes a data key and the first slot of a file in one operation, with its permission and its entry in the log. */
export type SlotMaker<S> = { generate(binding: Binding): Promise<NewDataKey<S>> };

/** Wraps the data key of a file into a further slot, as a recipient of age does. The data key stays the caller's. */
type SlotWrapper<S> = { wrap(dataKey: Buffer, binding: Binding): Promise<S> };

/** All that can be done with slots under one key. */
export type SlotProvider<S> = SlotOpener<S> & SlotMaker<S> & SlotWrapper<S>;
