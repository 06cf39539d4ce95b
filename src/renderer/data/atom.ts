import { useSyncExternalStore } from 'react';

/** A value outside the tree that components can follow. */
type Atom<T> = {
  readonly get: () => T;
  readonly set: (next: T) => void;
  readonly use: () => T;
};

/** Makes an atom. */
export function atom<T>(initial: T): Atom<T> {
  let value = initial;
  const listeners = new Set<() => void>();
  const get = () => value;
  const subscribe = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  return {
    get,
    set: (next) => {
      value = next;
      for (const listener of listeners) listener();
    },
    use: () => useSyncExternalStore(subscribe, get),
  };
}
