import type { OpenHeader } from './open.ts';

/**
 * All that the frame engine knows of a message, whichever header it has. `native` bodies are canonical
 * (docs/format.md section 9); in `aws` ones the final frame may be empty and each frame states its own IV.
 */
export type Body = {
  /** The key of the frames: 32 bytes, in old AWS suites 16 or 24. Its holder wipes it. */
  readonly key: Uint8Array;
  readonly messageId: Uint8Array;
  /** Bytes of plaintext in a regular frame. */
  readonly frameLength: number;
  /** Where the first frame stands in the file. */
  readonly bodyAt: number;
  readonly shape: 'native' | 'aws';
};

/** The body behind a native header. It shares the payload key, and ends with it. */
export function nativeBody({ header, payloadKey }: OpenHeader): Body {
  return {
    key: payloadKey,
    messageId: header.messageId,
    frameLength: header.frameLength,
    bodyAt: 2 * header.areaLength,
    shape: 'native',
  };
}
