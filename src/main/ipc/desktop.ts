import type { Theme } from '../../shared/bridge.ts';
import type { PaperSize } from '../../shared/recovery-bridge.ts';

/** What the user can be asked for: files, a folder to work on or to write to, what an import needs, a folder of backups, shares. */
type Chosen =
  | 'files'
  | 'folder'
  | 'target'
  | 'material'
  | 'token'
  | 'parameters'
  | 'backups'
  | 'restore'
  | 'shares';

/** What is saved: a text, or what makes the bytes once it is known where they go. */
type Saved = string | (() => Promise<Uint8Array>);

/** What is done with HTML documents that are printed; `id` names one that is shown. */
type PaperDesk = {
  /** Shows one in a window of its own. */
  show(id: string, html: Uint8Array): Promise<void>;
  close(id: string): void;
  /** Has the system ask for a printer. `why`: what it said where nothing was printed, unless the user thought better of it. */
  print(html: Uint8Array, size: PaperSize): Promise<{ readonly printed: boolean; readonly why?: string }>;
  pdf(html: Uint8Array, size: PaperSize): Promise<Uint8Array>;
};

/** What only the shell can do. */
export type Desktop = {
  /** Asks for files or one folder; empty when the user thought better of it. */
  readonly choose: (what: Chosen) => Promise<readonly string[]>;
  /** Asks where to put something under a name like this, and writes it there; undefined when nothing was written. */
  readonly save: (what: 'public-key' | 'paper', name: string, content: Saved) => Promise<string | undefined>;
  /** A small file that the user chose; its bytes stay in this process. */
  readonly read: (path: string) => Promise<Uint8Array>;
  /** Writes a new file into a folder that the user chose; returns its path. Throws `TargetExists`. */
  readonly write: (folder: string, name: string, bytes: Uint8Array) => Promise<string>;
  /** The text of a small file that the user chose. */
  readonly readText: (path: string) => Promise<string>;
  readonly paper: PaperDesk;
  readonly show: (path: string) => void;
  /** Shows the vault's own folder, also of a vault that can't be read. */
  readonly showHome: () => void;
  /** Whether a secret is on the screen: while one is, pictures of the screen show nothing of the window. */
  readonly secretShown: (shown: boolean) => void;
  /** Puts a secret on the clipboard, from which it is taken again. The bytes stay the caller's to wipe. */
  readonly copySecret: (secret: Uint8Array) => Promise<void>;
  readonly theme: (wanted: Theme | undefined) => Promise<Theme>;
};
