import type { Header } from './header.ts';
import type { Body, FrameLayout } from './message-body.ts';
import type { OpenHeader } from './open.ts';

/** Where the frames behind a native header stand; it takes no key to know. */
export function nativeLayout({ frameLength, areaLength }: Header): FrameLayout {
  return { frameLength, bodyAt: 2 * areaLength, shape: 'native' };
}

/** The body behind a native header. It shares the payload key, and ends with it. */
export function nativeBody({ header, payloadKey }: OpenHeader): Body {
  return { ...nativeLayout(header), key: payloadKey, messageId: header.messageId };
}
