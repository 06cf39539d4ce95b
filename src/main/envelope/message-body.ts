/**
 * Where the frames of a message stand. `native` bodies are canonical (docs/format.md section 9); in `aws` ones
 * the final frame may be empty and each frame states its own IV.
 */
export type FrameLayout = {
  /** Bytes of plaintext in a regular frame. */
  readonly frameLength: number;
  /** Where the first frame stands in the file. */
  readonly bodyAt: number;
  readonly shape: 'native' | 'aws';
};

/** All that the frame engine knows of a message, whichever header it has. */
export type Body = FrameLayout & {
  /** The key of the frames: 32 bytes, in old AWS suites 16 or 24. Its holder wipes it. */
  readonly key: Uint8Array;
  readonly messageId: Uint8Array;
};
