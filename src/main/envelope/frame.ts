import { gcmDecryptInto, gcmEncryptInto, TAG_BYTES } from '../crypto/aead.ts';
import { FINAL_OVERHEAD, REGULAR_OVERHEAD } from './body-plan.ts';

/** The mark before the final frame. */
export const FINAL_MARK = 0xffff_ffff;

const LABELS = {
  regular: Buffer.from('AWSKMSEncryptionClient Frame'),
  final: Buffer.from('AWSKMSEncryptionClient Final Frame'),
  // The whole body of an AWS message without frames.
  single: Buffer.from('AWSKMSEncryptionClient Single Block'),
};

/** Which frame of which file: all that goes into a frame besides its plaintext. Sequence numbers start at 1. */
type FrameOf = {
  readonly key: Uint8Array;
  readonly messageId: Uint8Array;
  readonly sequence: number;
  readonly final: boolean;
};

/** Bytes of a frame that holds this many bytes of plaintext. */
export function frameBytes(plaintextLength: number, final: boolean): number {
  return plaintextLength + (final ? FINAL_OVERHEAD : REGULAR_OVERHEAD);
}

/** Where the ciphertext starts within a frame. */
export function contentOffset(final: boolean): number {
  return final ? 24 : 16;
}

/**
 * Encrypts one frame into the start of `output` and returns how many bytes that took. A pure function of its
 * input: the caller claims each sequence number once per key (property 11).
 */
export function sealFrame(output: Buffer, frame: FrameOf, plaintext: Uint8Array): number {
  const iv = frameIv(frame.sequence);
  const start = frame.final ? output.writeUInt32BE(FINAL_MARK, 0) : 0;
  output.writeUInt32BE(frame.sequence, start);
  output.set(iv, start + 4);
  if (frame.final) output.writeUInt32BE(plaintext.length, start + 16);
  const at = contentOffset(frame.final);
  const end = at + plaintext.length + TAG_BYTES;
  gcmEncryptInto(output.subarray(at, end), frame.key, iv, frameAad(frame, plaintext.length), plaintext);
  return end;
}

/**
 * Decrypts the ciphertext and tag of one frame into the start of `output`, under the IV that the frame states.
 * False, and `output` wiped, if it is not authentic.
 */
export function openFrame(output: Uint8Array, frame: FrameOf, iv: Uint8Array, sealed: Uint8Array): boolean {
  const length = sealed.length - TAG_BYTES;
  return gcmDecryptInto(output.subarray(0, length), frame.key, iv, frameAad(frame, length), sealed);
}

/** The IV of a frame: its sequence number, left-padded to 12 bytes. */
export function frameIv(sequence: number): Buffer {
  const iv = Buffer.alloc(12);
  iv.writeUInt32BE(sequence, 8);
  return iv;
}

function frameAad({ messageId, sequence, final }: FrameOf, length: number): Buffer {
  return contentAad(messageId, final ? 'final' : 'regular', sequence, length);
}

/** The additional data of `length` bytes of plaintext that are sealed at once. */
export function contentAad(
  messageId: Uint8Array,
  kind: keyof typeof LABELS,
  sequence: number,
  length: number,
): Buffer {
  const label = LABELS[kind];
  const aad = Buffer.alloc(messageId.length + label.length + 12);
  aad.set(messageId, 0);
  aad.set(label, messageId.length);
  const at = messageId.length + label.length;
  aad.writeUInt32BE(sequence, at);
  aad.writeBigUInt64BE(BigInt(length), at + 4);
  return aad;
}
