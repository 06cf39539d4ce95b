import type { Input } from '../../shared/contract.ts';
import type { VaultOptions } from '../common-options.ts';

type Pairs = { readonly [name: string]: string };

/** Options of `keys explain`. */
export type ExplainOptions = VaultOptions & {
  readonly principal: string;
  readonly action: string;
  readonly context?: Pairs;
  readonly with?: Pairs;
};

/** Options of `audit list`. */
export type AuditListOptions = VaultOptions & {
  readonly limit: number;
  readonly before?: number;
  readonly all?: true;
  readonly key?: string;
  readonly principal?: string;
  readonly event?: string;
  readonly outcome?: NonNullable<Input<'audit.list'>['outcome']>;
  readonly messageId?: string;
  readonly file?: string;
  readonly lookups: boolean;
  readonly since?: string;
  readonly until?: string;
};

/** Options of `clients create`; one of the two is given. */
export type CreateClientOptions = VaultOptions & {
  readonly policy?: string;
  readonly fullAccess?: boolean;
};

/** Options of `serve`. */
export type ServeOptions = VaultOptions & { readonly port?: number; readonly unsignedTestMode?: boolean };

/** Options of `init`. */
export type InitCommandOptions = VaultOptions & {
  readonly weakPassphrase?: boolean;
  readonly account?: string;
  readonly region?: string;
  readonly keychain?: boolean;
  readonly throwAway?: boolean;
};

/** Options of `protectors add` and `replace`, and of `passphrase change`. */
export type NewProtectorOptions = VaultOptions & {
  readonly weakPassphrase?: boolean;
  readonly newPassphraseFile?: string;
  readonly newRecoveryFile?: string;
};

/** Options of `recovery split`. */
export type SplitOptions = VaultOptions & {
  readonly shares: number;
  readonly threshold: number;
  readonly out: string;
};

/** Options of `recovery kit`; the phrase in `recoveryFile` is printed too. */
export type KitOptions = VaultOptions & { readonly out: string; readonly withPhrase?: boolean };

/** Options of `keys create`. */
export type CreateOptions = VaultOptions & { readonly description?: string };

/** Options of `keys export-material`. */
export type ExportOptions = VaultOptions & {
  readonly weakPassphrase?: boolean;
  readonly out: string;
  readonly keyVersion?: string;
  readonly for?: 'aws';
  readonly wrapFile?: string;
  readonly file?: string;
};

/** Options of `keys delete`. */
export type DeleteOptions = VaultOptions & { readonly days: number };

/** Options of `keys rotation`; one of the two is given. */
export type RotationOptions = VaultOptions & { readonly every?: number; readonly off?: boolean };

/** Options of every command over files. */
export type FileOptions = VaultOptions & { readonly each?: boolean; readonly verbose?: boolean };

/** Options of commands that write a file for each source. */
export type OutputOptions = FileOptions & {
  readonly out?: string;
  readonly overwrite?: boolean;
  readonly skipExisting?: boolean;
};

/** Options of `encrypt`. */
export type EncryptOptions = OutputOptions & {
  readonly key?: string;
  readonly context?: { readonly [name: string]: string };
  readonly format?: 'keyward' | 'aws';
  readonly suite?: '0478' | '0578';
};

/** Options of `decrypt`. */
export type DecryptOptions = OutputOptions & {
  readonly buffered?: boolean;
  readonly range?: { readonly first: number; readonly last?: number };
  readonly salvage?: boolean;
  readonly keyring?: string;
};

/** Options of `verify`. */
export type VerifyOptions = FileOptions & { readonly quick?: boolean; readonly keyring?: string };

/** Options of `reencrypt`. */
export type ReencryptOptions = FileOptions & { readonly key?: string };

/** Options of `rewrap`. */
export type RewrapOptions = ReencryptOptions & {
  readonly fromVersion?: string;
  readonly skipExisting?: boolean;
};

/** Options of commands that need no vault. */
export type JsonOptions = { readonly json?: boolean };

/** Options of `backup create`. */
export type BackupCreateOptions = VaultOptions & { readonly to?: string; readonly x25519?: boolean };

/** Options of `backup list`. */
export type BackupListOptions = JsonOptions & { readonly keyOf?: string };

/** What a restore is made from: a backup or a folder, of that only backups with one of these keys, and other folders. */
export type RestoreSource = {
  readonly from: string;
  readonly keys?: readonly string[];
  readonly also: readonly string[];
};

/** Options of `backup restore`. */
export type BackupRestoreOptions = JsonOptions & {
  readonly weakPassphrase?: boolean;
  readonly recoveryFile?: string;
  readonly shareFile?: readonly string[];
  readonly passphraseFile?: string;
  readonly keychain?: boolean;
  readonly keyOf?: string;
  /** Folders with backups. */
  readonly in?: readonly string[];
  /** Of a merge into a vault that is there. */
  readonly dryRun?: boolean;
  readonly take?: readonly string[];
  readonly yes?: boolean;
  readonly formerPhrase?: boolean;
};

/** Options of `repair`. */
export type RepairOptions = Pick<VaultOptions, 'passphraseFile' | 'recoveryFile' | 'json'> & {
  readonly from?: string;
  readonly dryRun?: true;
  readonly yes?: true;
};

/** Options of `doctor`. */
export type DoctorOptions = Pick<VaultOptions, 'passphraseFile' | 'recoveryFile' | 'json'> & {
  readonly full?: true;
};

/** Options of `partials forget`. */
export type ForgetOptions = VaultOptions & { readonly yes?: true };
