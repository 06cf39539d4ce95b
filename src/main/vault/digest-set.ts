import { randomBytes } from '../crypto/bytes.ts';
import { sha256 } from '../crypto/hash.ts';

/** Slots at the beginning; always a power of two. */
const FIRST_SLOTS = 1 << 10;

/** The share of slots that is taken at most. */
const FULL = 0.75;

/** Halves of a digest. */
type Digest = readonly [high: number, low: number];

/**
 * A set of texts that keeps 8 bytes of a salted SHA-256 for each, outside the heap, 11 to 22 bytes in all: a job over a
 * million files knows what it has made (pitfall 69). It may take a text for one that is in it, once in many billions.
 */
export class DigestSet {
  readonly #salt = randomBytes(16);
  #slots = new Uint32Array(2 * FIRST_SLOTS);
  #size = 0;

  /** How many texts are in it. */
  get size(): number {
    return this.#size;
  }

  /** Adds a text. */
  add(text: string): void {
    if (this.#size >= (this.#slots.length / 2) * FULL) this.#grow();
    if (put(this.#slots, this.#digestOf(text))) this.#size++;
  }

  /** Whether a text is in it. */
  has(text: string): boolean {
    return this.#slots[slotOf(this.#slots, this.#digestOf(text)) + 1] !== 0;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += 2) {
      const [high = 0, low = 0] = [before[at], before[at + 1]];
      if (low !== 0) put(this.#slots, [high, low]);
    }
  }

  /** The lower half is never zero, which stands for an empty slot. */
  #digestOf(text: string): Digest {
    const digest = sha256(this.#salt, Buffer.from(text));
    return [digest.readUInt32LE(0), digest.readUInt32LE(4) || 1];
  }
}

/** Puts a digest into its slot; false if it is there. */
function put(slots: Uint32Array, digest: Digest): boolean {
  const at = slotOf(slots, digest);
  if (slots[at + 1] !== 0) return false;
  slots.set(digest, at);
  return true;
}

/** Where a digest stands, or the free slot that it would get. */
function slotOf(slots: Uint32Array, [high, low]: Digest): number {
  const mask = slots.length / 2 - 1;
  for (let slot = high & mask; ; slot = (slot + 1) & mask) {
    const at = 2 * slot;
    if (slots[at + 1] === 0 || (slots[at] === high && slots[at + 1] === low)) return at;
  }
}
