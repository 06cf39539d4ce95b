import type { BackupFacts } from '../../shared/backup-contract.ts';
import type { WindowStatus } from '../../shared/bridge.ts';
import type { Inspection, Output, VaultStatus } from '../../shared/contract.ts';
import type { Credential, PersonalCredential } from '../../shared/credential.ts';
import type { PassphraseStrength } from '../../shared/passphrase-strength.ts';
import type { KitFacts } from '../../shared/recovery-contract.ts';
import type { RepairPlan } from '../../shared/repair-contract.ts';
import type { CallContext, OpenVault } from '../api/call-context.ts';
import type { RestoredVault } from '../api/restore.ts';

/** The unlocked vault in this process: held, and served to commands. */
export type WindowVault = {
  readonly session: OpenVault;
  /** Requests of commands in flight. */
  readonly busy: number;
  /** Locks and lets go of everything; resolves when the keys are gone and the home is free. */
  close(): Promise<void>;
  /** After `close`: resolves when what is kept of a lock beside the vault is kept too. */
  readonly settled: Promise<void>;
};

/** The right to open the vault, until released. */
export type HomeClaim = { release(): Promise<void> };

/** What is asked about backups without a vault. */
export type BackupPorts = {
  /** Whether a folder is a vault itself. */
  readonly isVault: (folder: string) => boolean;
  /** The backups in a folder, the newest first, each read whole. */
  readonly verify: (folder: string) => Promise<readonly BackupFacts[]>;
};

/** A repair that has been decided on: see `Repair` of the api. */
export type PlannedRepair = {
  readonly plan: RepairPlan;
  apply(signal: AbortSignal, tell: CallContext['progress']): Promise<{ readonly aside: readonly string[] }>;
  end(): void;
};

/** What helps to choose a passphrase; bytes stay the caller's to wipe. */
export type PassphrasePorts = {
  readonly strength: (passphrase: Uint8Array) => Promise<PassphraseStrength>;
  readonly generate: () => Uint8Array<ArrayBuffer>;
};

/** What makes the documents that are printed, as HTML. */
export type PaperPorts = {
  readonly kit: (facts: KitFacts) => string;
  readonly shares: (facts: KitFacts, set: Output<'recovery.split'>) => string;
};

/** What the window needs of the rest of the program; the composition root wires it. */
export type VaultPorts<C extends HomeClaim = HomeClaim> = {
  /** `undefined`: another process has it. */
  readonly claim: () => Promise<C | undefined>;
  readonly init: (
    claim: C,
    options: { passphrase: Buffer; keychain: boolean },
  ) => Promise<{ phrase: string; protectors: readonly string[] }>;
  /** Unlocks; the claim goes along. `used` is called at what commands ask. The credential stays the caller's to wipe. */
  readonly hold: (claim: C, credential: Credential, used: () => void) => Promise<WindowVault>;
  readonly passphrases: PassphrasePorts;
  /** The passphrase that the home of a throw-away vault holds in a file. */
  readonly throwAwayPassphrase: () => Promise<Buffer | undefined>;
  readonly lockedStatus: () => Promise<Omit<VaultStatus, 'endpoint'>>;
  readonly inspect: (path: string) => Promise<Inspection>;
  /** The passphrase stays the caller's to wipe. */
  readonly restore: (
    claim: C,
    options: {
      from: string;
      phrase: string | readonly string[];
      passphrase: Buffer;
      keychain: boolean;
      signal: AbortSignal;
      tell: CallContext['progress'];
    },
  ) => Promise<RestoredVault>;
  /** `undefined`: there is nothing to repair. The credential stays the caller's to wipe. */
  readonly openRepair: (
    claim: C,
    options: { readonly credential: PersonalCredential; readonly from?: string },
  ) => Promise<PlannedRepair | undefined>;
  readonly backups: BackupPorts;
  readonly pages: PaperPorts;
  /** The process that holds the vault, if one does. */
  readonly holder: () => Promise<WindowStatus['holder']>;
  readonly lockHolder: () => Promise<void>;
};
