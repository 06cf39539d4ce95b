import type { makeBridgeEnd } from './bridge.ts';

/**
 * The page's side of contextBridge. Runs in the page's own world before its scripts; takes the private node
 * from the preload's world, through an event whose name is a secret of this document, and exposes what it is
 * told to. Sent to the page as text: it must not use anything from outside its own body.
 */
export function mainWorld(make: typeof makeBridgeEnd, secret: string): void {
  const freeze = (value: unknown): void => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return;
    if (ArrayBuffer.isView(value) || Object.isFrozen(value)) return;
    Object.freeze(value);
    for (const inner of Object.values(value)) freeze(inner);
  };
  const meet = (event: Event): void => {
    const node = (event as MouseEvent).relatedTarget;
    if (node === null) return;
    event.stopImmediatePropagation();
    const end = make(node, 'to-preload', 'to-page');
    end.other = (what, [name, packed]) => {
      if (what !== 'expose') return undefined;
      const key = String(name);
      if (Object.hasOwn(window, key)) {
        return `Cannot bind an API on top of an existing property on the window object: ${key}`;
      }
      const api = end.unpack(packed);
      freeze(api);
      Object.defineProperty(window, key, {
        value: api,
        enumerable: true,
        writable: false,
        configurable: false,
      });
      return undefined;
    };
  };
  document.addEventListener(secret, meet, { once: true });
}
