import type { Writable } from 'node:stream';
import type { WindowStatus } from '../../shared/bridge.ts';
import type {
  Answer,
  Inspection,
  Method,
  Progress,
  TakeResults,
  VaultStatus,
} from '../../shared/contract.ts';
import type { JobFacts } from '../../shared/job-contract.ts';

/** What a caller gives along: who calls, how to stop it, where progress goes, the bytes that the call moves. */
export type CallContext = {
  readonly client: 'window' | 'cli';
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly results?: TakeResults;
  readonly streams?: { readonly input: AsyncIterable<Buffer>; readonly output: Writable };
};

/** The unlocked vault, as the api room makes it; `call` never throws. */
export type WindowSession = {
  readonly idleMinutes: number | null;
  call<M extends Method>(method: M, input: unknown, caller: CallContext): Promise<Answer<M>>;
  /** Has `watcher` told of every job until what it gives is called. */
  watchJobs(watcher: (facts: JobFacts) => void): () => void;
  readonly locked: Promise<void>;
  close(): Promise<void>;
};

/** The right to open the vault, until released. */
export type HomeClaim = { release(): Promise<void> };

/** How the vault is unlocked; `bytes` are wiped by the caller. */
export type Credential =
  | { readonly kind: 'passphrase'; readonly bytes: Buffer }
  | { readonly kind: 'recovery-phrase'; readonly phrase: string }
  | { readonly kind: 'keychain' };

/** What the window needs of the rest of the program; the composition root wires it. */
export type VaultPorts<C extends HomeClaim = HomeClaim> = {
  /** `undefined`: another process has it. */
  readonly claim: () => Promise<C | undefined>;
  readonly init: (
    claim: C,
    options: { passphrase: Buffer; keychain: boolean },
  ) => Promise<{ phrase: string; protectors: readonly string[] }>;
  readonly open: (claim: C, credential: Credential) => Promise<WindowSession>;
  /** The passphrase that the home of a throw-away vault holds in a file. */
  readonly throwAwayPassphrase: () => Promise<Buffer | undefined>;
  readonly lockedStatus: () => Promise<Omit<VaultStatus, 'endpoint'>>;
  readonly inspect: (path: string) => Promise<Inspection>;
  /** Serves the session to commands; the promise of `close` ends that. */
  readonly serve: (
    session: WindowSession,
    used: () => void,
  ) => Promise<{ close(): Promise<void>; readonly busy: number }>;
  /** The process that holds the vault, if one does. */
  readonly holder: () => Promise<WindowStatus['holder']>;
  readonly lockHolder: () => Promise<void>;
  /** Ends the process, and the keys with it. */
  readonly lastResort: () => void;
};
