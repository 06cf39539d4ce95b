import type { Header } from './header.ts';
import type { OpenHeader } from './open.ts';

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

/** Where the frames behind a native header stand; it takes no key to know. */
export function nativeLayout({ frameLength, areaLength }: Header): FrameLayout {
  return { frameLength, bodyAt: 2 * areaLength, shape: 'native' };
}

/** The body behind a native header. It shares the payload key, and ends with it. */
export function nativeBody({ header, payloadKey }: OpenHeader): Body {
  return { ...nativeLayout(header), key: payloadKey, messageId: header.messageId };
}
