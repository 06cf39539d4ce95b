import type { GivenFile } from '../../shared/bridge.ts';
import { fail } from '../../shared/errors.ts';

/** What stands at a path, as far as the page is told; of files their contents tell what they are. `undefined`: nothing. */
export type PathFacts =
  | { readonly kind: 'file' | 'encrypted' | 'folder' | 'other'; readonly bytes: number }
  | undefined;

/** Looks at paths for the table of handles. */
type Look = {
  readonly facts: (path: string) => Promise<PathFacts>;
  readonly split: (path: string) => { readonly folder: string; readonly name: string };
};

const AT_ONCE = 64;

/**
 * The page's names for files: random, and of use only as long as the vault stays unlocked. `target` handles
 * come from a dialog that asked for a destination, `backup` handles name folders of backups and backups; no other
 * handle can name one.
 */
export class Handles {
  readonly #look: Look;
  readonly #paths = new Map<string, string>();
  readonly #known = new Map<string, string>();
  readonly #folders = new Set<string>();

  constructor(look: Look) {
    this.#look = look;
  }

  /** Handles for paths that the user gave, in their order; the same path keeps its handle. */
  async give(paths: readonly string[], as: Sort = 'file'): Promise<GivenFile[]> {
    const given: GivenFile[] = [];
    for (let start = 0; start < paths.length; start += AT_ONCE) {
      const some = paths.slice(start, start + AT_ONCE);
      given.push(...(await Promise.all(some.map((path) => this.#giveOne(path, as)))));
    }
    return given;
  }

  /** The path behind a handle. Throws `NotFoundException` for one that is unknown or of the other sort. */
  path(id: string, as: Sort = 'file'): string {
    const path = this.#paths.get(id);
    if (path === undefined || !id.startsWith(PREFIX[as])) {
      throw fail('file-no-longer-known');
    }
    return path;
  }

  /** The name of the file behind a handle. Throws as `path`. */
  name(id: string): string {
    return this.nameOf(this.path(id));
  }

  /** The name of the file at a path. */
  nameOf(path: string): string {
    return this.#look.split(path).name;
  }

  /** The folder of the file at a path. */
  folderOf(path: string): string {
    return this.#look.split(path).folder;
  }

  /** Whether a folder stood behind a handle when it was given. */
  isFolder(id: string): boolean {
    return this.#folders.has(id);
  }

  /** Forgets every path. */
  clear(): void {
    this.#folders.clear();
    this.#paths.clear();
    this.#known.clear();
  }

  async #giveOne(path: string, as: Sort): Promise<GivenFile> {
    const facts = await this.#look.facts(path).catch(() => undefined);
    const { folder, name } = this.#look.split(path);
    const id = this.#id(path, as);
    if (facts?.kind === 'folder') this.#folders.add(id);
    return { id, name, folder, kind: facts?.kind ?? 'missing', bytes: bytesOf(facts) };
  }

  #id(path: string, as: Sort): string {
    const known = this.#known.get(as + path);
    if (known !== undefined) return known;
    const id = newId(as);
    this.#known.set(as + path, id);
    this.#paths.set(id, path);
    return id;
  }
}

const PREFIX = { file: 'f-', target: 't-', backup: 'b-' } as const;

/** What a handle may be used for. */
type Sort = keyof typeof PREFIX;

/** A new random handle. */
function newId(as: Sort): string {
  return PREFIX[as] + crypto.randomUUID().replaceAll('-', '');
}

function bytesOf(facts: PathFacts): number | null {
  return facts?.kind === 'file' || facts?.kind === 'encrypted' ? facts.bytes : null;
}
