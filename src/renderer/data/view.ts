import { create } from 'zustand';

/** The places of the sidebar. */
export type Place = 'files' | 'keys' | 'activity' | 'settings';

/** What the inspector shows: a result of a job, a key, or a line of the log, by its id. */
export type Chosen =
  | { readonly kind: 'result'; readonly job: string; readonly index: number }
  | { readonly kind: 'key'; readonly id: string }
  | { readonly kind: 'entry'; readonly seq: number };

/** View state: where the user is and what is chosen. Ids only; no names, no secrets. */
export type View = {
  readonly place: Place;
  readonly chosen: Chosen | null;
  /** The key for new files; null: the default key. */
  readonly key: string | null;
  /** Count changes, of anything and of keys and settings, so that what is shown is asked for again. */
  readonly revision: number;
  readonly keysRevision: number;
  readonly go: (place: Place) => void;
  readonly choose: (chosen: Chosen | null) => void;
  readonly encryptUnder: (key: string | null) => void;
  readonly refresh: () => void;
  readonly keysChanged: () => void;
};

export const useView = create<View>((set) => ({
  place: 'files',
  chosen: null,
  key: null,
  revision: 0,
  keysRevision: 0,
  go: (place) => set({ place, chosen: null }),
  choose: (chosen) => set({ chosen }),
  encryptUnder: (key) => set({ key }),
  refresh: () => set(({ revision }) => ({ revision: revision + 1 })),
  keysChanged: () =>
    set(({ revision, keysRevision }) => ({ revision: revision + 1, keysRevision: keysRevision + 1 })),
}));
