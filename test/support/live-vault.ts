import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CallContext,
  type Claim,
  claimHome,
  initVault,
  openSession,
  type Session,
} from '../../src/main/api/index.ts';
import { setArgon2Floor } from '../../src/main/crypto/passphrase.ts';
import type { Clock } from '../../src/shared/clock.ts';
import type { FileResult, Input, Method, Output } from '../../src/shared/contract.ts';
import type { Credential } from '../../src/shared/credential.ts';
import { fromErrorBody } from '../../src/shared/errors.ts';

/** Argon2id as cheap as it gets, for vaults that live for one test. */
export const CHEAP = { memoryKiB: 8_192, passes: 1, lanes: 1 } as const;
setArgon2Floor(CHEAP);

/** What a test may add to a call. */
export type CallExtras = Partial<Pick<CallContext, 'signal' | 'progress' | 'results' | 'streams'>>;

type EncryptInput = Partial<Input<'files.encrypt'>>;
type DecryptInput = Partial<Input<'files.decrypt'>>;

/** An unlocked vault in a temporary folder, driven as the faces drive it. */
export class LiveVault {
  /** A folder for the test's files; the vault's home lies beside it. */
  readonly files: string;
  readonly home: string;
  readonly phrase: string;
  readonly passphrase = 'a passphrase for tests';
  readonly #folder: string;
  #claim: Claim;
  #session: Session;

  private constructor(folder: string, claim: Claim, session: Session, phrase: string) {
    this.#folder = folder;
    this.files = join(folder, 'files');
    this.home = claim.home;
    this.phrase = phrase;
    this.#claim = claim;
    this.#session = session;
  }

  /** Makes and unlocks a vault below `parent`, a temporary folder by default; one that is to last has backups. */
  static async make(parent = tmpdir(), throwAway = true): Promise<LiveVault> {
    const folder = mkdtempSync(join(parent, 'keyward-live-'));
    mkdirSync(join(folder, 'files'));
    const claim = await claimed(join(folder, 'home'));
    const { phrase } = await initVault(claim, {
      throwAway,
      keychain: false,
      passphrase: Buffer.from('a passphrase for tests'),
      parts: { cost: CHEAP },
    });
    const session = await openSession(claim, { credential: recovery(phrase), kind: 'command' });
    return new LiveVault(folder, claim, session, phrase);
  }

  /** Opens the vault that stands in `folder`, laid out as by `make`; `withoutAudit`: for rescue in any case. */
  static async at(folder: string, phrase: string, withoutAudit = false): Promise<LiveVault> {
    const claim = await claimed(join(folder, 'home'));
    const said = withoutAudit ? { withoutAudit: true as const } : {};
    try {
      const credential = { ...recovery(phrase), ...said };
      const session = await openSession(claim, { credential, kind: 'command' });
      return new LiveVault(folder, claim, session, phrase);
    } catch (error) {
      await claim.release();
      throw error;
    }
  }

  /** A path among the test's files. */
  path(...names: string[]): string {
    return join(this.files, ...names);
  }

  /** Everything below a folder of the test's files, as relative paths, sorted. */
  list(...names: string[]): string[] {
    return (readdirSync(this.path(...names), { recursive: true }) as string[]).sort();
  }

  /** Calls a method as the command does; throws the error of its answer. */
  async call<M extends Method>(method: M, input: Input<M>, extras: CallExtras = {}): Promise<Output<M>> {
    const answer = await this.#session.call(method, input, {
      client: 'cli',
      signal: new AbortController().signal,
      progress: () => undefined,
      ...extras,
    });
    if (!answer.ok) throw fromErrorBody(answer.error);
    return answer.value;
  }

  /** `files.encrypt`, beside the sources and without overwriting unless `more` says so. */
  async encrypt(
    sources: string | string[],
    more: EncryptInput = {},
    extras: CallExtras = {},
  ): Promise<FileResult[]> {
    const input = { sources: [sources].flat(), overwrite: false, each: false, ...more };
    return (await this.call('files.encrypt', input, extras)).results;
  }

  /** `files.decrypt`, beside the sources and without overwriting unless `more` says so. */
  async decrypt(
    sources: string | string[],
    more: DecryptInput = {},
    extras: CallExtras = {},
  ): Promise<FileResult[]> {
    const input = { sources: [sources].flat(), overwrite: false, each: false, ...more };
    return (await this.call('files.decrypt', input, extras)).results;
  }

  /** `files.verify` of one file. */
  async verify(source: string): Promise<FileResult> {
    return only((await this.call('files.verify', { sources: [source], each: false })).results);
  }

  /** Locks, lets the home go, claims it again and unlocks, by `clock`. `between` runs while it is free. */
  async reopen(between: () => void | Promise<void> = () => undefined, clock?: Clock): Promise<void> {
    await this.leave();
    await between();
    this.#claim = await claimed(this.home);
    const credential = recovery(this.phrase);
    const when = clock === undefined ? {} : { clock };
    this.#session = await openSession(this.#claim, { credential, kind: 'command', ...when });
  }

  /** Locks and lets the home go. */
  async leave(): Promise<void> {
    await this.#session.close();
    await this.#claim.release();
  }

  /** Locks and removes everything. */
  async end(): Promise<void> {
    await this.leave();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The one result of a job over one file. */
export function only(results: readonly FileResult[]): FileResult {
  const [result] = results;
  if (result === undefined || results.length !== 1) throw new Error(`expected one result: ${results.length}`);
  return result;
}

function recovery(phrase: string): Credential {
  return { kind: 'recovery-phrase', phrase };
}

async function claimed(home: string): Promise<Claim> {
  const claim = await claimHome(home);
  if (claim === undefined) throw new Error(`somebody else has ${home}`);
  return claim;
}
