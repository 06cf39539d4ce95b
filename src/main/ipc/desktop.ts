import type { Theme } from '../../shared/bridge.ts';

/** What the user can be asked for: files, a folder to work on or to write to, what an import needs, a folder of backups. */
type Chosen = 'files' | 'folder' | 'target' | 'material' | 'token' | 'parameters' | 'backups' | 'restore';

/** What only the shell can do. */
export type Desktop = {
  /** Asks for files or one folder; empty when the user thought better of it. */
  readonly choose: (what: Chosen) => Promise<readonly string[]>;
  /** Asks where to put a text under a name like this, and writes it there; undefined when nothing was written. */
  readonly save: (what: 'public-key', name: string, text: string) => Promise<string | undefined>;
  /** A small file that the user chose; its bytes stay in this process. */
  readonly read: (path: string) => Promise<Uint8Array>;
  /** Writes a new file into a folder that the user chose; returns its path. Throws `TargetExists`. */
  readonly write: (folder: string, name: string, bytes: Uint8Array) => Promise<string>;
  readonly show: (path: string) => void;
  /** Shows the vault's own folder, also of a vault that can't be read. */
  readonly showHome: () => void;
  readonly theme: (wanted: Theme | undefined) => Promise<Theme>;
};
