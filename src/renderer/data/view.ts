import { create } from 'zustand';

/** The places of the sidebar. */
export type Place = 'files' | 'keys' | 'activity' | 'recovery' | 'health' | 'settings';

/** What the inspector shows: a result of a job, a key, or a line of the log, by its id. */
export type Selection =
  | { readonly kind: 'result'; readonly job: string; readonly index: number }
  | { readonly kind: 'key'; readonly id: string }
  | { readonly kind: 'entry'; readonly seq: number };

/** The parts of a key's page. */
export type KeyPart = 'overview' | 'versions' | 'access';

/** View state: where the user is and what is chosen. Ids only; no names, no secrets. */
type View = {
  readonly place: Place;
  /** The heading that the user was led to; another object each time. */
  readonly section: { readonly id: string } | null;
  readonly chosen: Selection | null;
  /** The key whose page is open, and which part of it; null: the list of keys. */
  readonly opened: { readonly key: string; readonly part: KeyPart } | null;
  /** The key whose page was closed last: its row gets the focus back. */
  readonly left: string | null;
  /** The key that the log is shown for; null: all. */
  readonly traced: string | null;
  /** The key for new files; null: the default key. */
  readonly key: string | null;
  /** Count changes, of anything and of keys and settings, so that what is shown is asked for again. */
  readonly revision: number;
  readonly keysRevision: number;
  readonly go: (place: Place, section?: string) => void;
  readonly choose: (chosen: Selection | null) => void;
  readonly open: (key: string, part?: KeyPart) => void;
  readonly close: () => void;
  readonly trace: (key: string | null) => void;
  readonly encryptUnder: (key: string | null) => void;
  readonly refresh: () => void;
  readonly keysChanged: () => void;
};

export const useView = create<View>((set) => ({
  place: 'files',
  section: null,
  chosen: null,
  opened: null,
  left: null,
  traced: null,
  key: null,
  revision: 0,
  keysRevision: 0,
  go: (place, section) =>
    set({
      place,
      section: section === undefined ? null : { id: section },
      chosen: null,
      opened: null,
      left: null,
    }),
  choose: (chosen) => set({ chosen }),
  open: (key, part = 'overview') => set({ place: 'keys', chosen: null, opened: { key, part } }),
  close: () => set(({ opened }) => ({ opened: null, chosen: null, left: opened?.key ?? null })),
  trace: (key) => set({ place: 'activity', chosen: null, opened: null, traced: key }),
  encryptUnder: (key) => set({ key }),
  refresh: () => set(({ revision }) => ({ revision: revision + 1 })),
  keysChanged: () =>
    set(({ revision, keysRevision }) => ({ revision: revision + 1, keysRevision: keysRevision + 1 })),
}));
