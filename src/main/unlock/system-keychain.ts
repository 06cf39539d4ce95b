import { isKeywardError } from '../../shared/errors.ts';
import { type Keychain, type KeychainReason, keychainUnavailable } from './keychain.ts';

type Library = Pick<typeof import('keytar'), 'getPassword' | 'setPassword' | 'deletePassword'>;

/** How to reach the library and how long to wait for it, in milliseconds; both for tests. */
type SystemKeychainOptions = { readonly load?: () => Promise<unknown>; readonly limitMs?: number };

const SERVICE = 'Keyward';
const LIMIT = 3_000;

/** What the libraries of the three systems say, and what it means. The first that fits counts. */
const MEANINGS: readonly (readonly [RegExp, KeychainReason])[] = [
  [/native addon|cannot find (module|package)|shared object|\.node\b/i, 'no-library'],
  [/dismissed|cancel|denied|not authori[sz]ed|not permitted|AuthFailed/i, 'denied'],
  [/locked|interaction is not allowed/i, 'locked'],
  [
    /service ?unknown|not provided by any|NameHasNoOwner|Spawn|does not exist at path|no such interface/i,
    'no-service',
  ],
  [/D-?Bus|could not connect|connection refused|connection is closed|session bus/i, 'no-bus'],
];

/** Calls that have not come back, also after their limit: nothing can cancel them. */
let busy = 0;

/** Whether a call to the system's keychain is still under way; see `exitProcess`. */
export function isKeychainBusy(): boolean {
  return busy > 0;
}

/**
 * The operating system's keychain (macOS Keychain, Windows Credential Manager, Secret Service). Its library is
 * loaded at first use and never trusted to load, to answer or to end.
 */
export class SystemKeychain implements Keychain {
  readonly #load: () => Promise<unknown>;
  readonly #limit: number;

  constructor(options: SystemKeychainOptions = {}) {
    this.#load = options.load ?? (() => import('keytar'));
    this.#limit = options.limitMs ?? LIMIT;
  }

  async get(account: string): Promise<string | undefined> {
    return this.#ask(async (library) => {
      const secret = await library.getPassword(SERVICE, account);
      if (secret !== null) return secret;
      await tellLockedFromEmpty(library, account);
      return undefined;
    });
  }

  async set(account: string, secret: string): Promise<void> {
    await this.#ask((library) => library.setPassword(SERVICE, account, secret));
  }

  async delete(account: string): Promise<boolean> {
    return this.#ask((library) => library.deletePassword(SERVICE, account));
  }

  async #ask<T>(act: (library: Library) => Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(keychainUnavailable('timeout')), this.#limit);
    });
    busy += 1;
    const answer = this.#library()
      .then(act)
      .finally(() => {
        busy -= 1;
      });
    try {
      return await Promise.race([answer, late]);
    } catch (error) {
      throw isKeywardError(error) ? error : keychainUnavailable(reasonOf(error), error);
    } finally {
      clearTimeout(timer);
    }
  }

  async #library(): Promise<Library> {
    let library: Library | undefined;
    try {
      library = libraryOf(await this.#load());
    } catch (error) {
      throw keychainUnavailable('no-library', error);
    }
    if (library === undefined) throw keychainUnavailable('no-library');
    return library;
  }
}

/**
 * The Secret Service answers "nothing" also while its collection is locked. Only a write tells the two apart, so
 * a mark is written and taken away again; it throws if the collection is locked or there is none.
 */
async function tellLockedFromEmpty(library: Library, account: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const mark = `${account}/is-it-open`;
  await library.setPassword(SERVICE, mark, 'yes');
  await library.deletePassword(SERVICE, mark);
}

// The library is CommonJS: its functions stand under `default`, and bundlers may put them beside it too.
function libraryOf(loaded: unknown): Library | undefined {
  for (const candidate of [loaded, memberOf(loaded, 'default')]) {
    if (isLibrary(candidate)) return candidate;
  }
  return undefined;
}

function isLibrary(value: unknown): value is Library {
  return ['getPassword', 'setPassword', 'deletePassword'].every(
    (name) => typeof memberOf(value, name) === 'function',
  );
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function reasonOf(error: unknown): KeychainReason {
  const message = error instanceof Error ? error.message : String(error);
  return MEANINGS.find(([pattern]) => pattern.test(message))?.[1] ?? 'no-service';
}
