import type { RefusedOperation } from '../../shared/kms-operations.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Store } from '../store/database.ts';
import { Clients } from './clients.ts';
import { type Core, knownKey, lookUpKey } from './core.ts';
import { coreOf, type KeyServiceDeps } from './create-core.ts';
import { MaterialOperations } from './material-operations.ts';
import * as Agreement from './operations/agreement.ts';
import {
  type CreateAliasInput,
  type CreateNamedKeyInput,
  createAlias,
  createNamedKey,
  deleteAlias,
  listAliases,
  updateAlias,
} from './operations/alias.ts';
import { decrypt, encrypt, generateDataKey, reEncrypt } from './operations/cipher.ts';
import * as Pairs from './operations/data-key-pair.ts';
import {
  cancelKeyDeletion,
  type ScheduleKeyDeletionOutput,
  scheduleKeyDeletion,
} from './operations/deletion.ts';
import { exportDataKey, exportMaterial } from './operations/export-key.ts';
import { createKey, describeKey, listKeys, setKeyState, updateKeyDescription } from './operations/key.ts';
import { firstAlias, overview, overviewIn, overviewOfAll } from './operations/key-overview.ts';
import { type GetKeyLastUsageOutput, getKeyLastUsage } from './operations/last-usage.ts';
import * as Mac from './operations/mac.ts';
import { type MaintenanceReport, runMaintenance } from './operations/maintenance.ts';
import { ensureManagedKey, featureOf } from './operations/managed-keys.ts';
import { generateMessageKey, openMessageKey } from './operations/message-data-key.ts';
import { rewrapDataKey } from './operations/rewrap-data-key.ts';
import * as Signing from './operations/signing.ts';
import * as Tags from './operations/tag.ts';
import * as Absent from './operations/unsupported.ts';
import type * as T from './types.ts';

type Empty = Readonly<Record<string, never>>;

/**
 * The key-management service: AWS KMS's operations, fields, limits and errors over the vault's own keys. A call
 * resolves once its change and its audit entry are durable; denials are logged as well. Every call may throw
 * `VaultDamaged`, naming a row that was edited, and `AuditUnwritable`; `Decrypt` goes on without the log where
 * `openWithoutAudit` says so, and so does whatever only looks at keys.
 */
export class KeyService extends MaterialOperations {
  /** Who may use the endpoint. */
  readonly clients: Clients;
  readonly #core: Core;
  readonly #store: Store;

  constructor(deps: KeyServiceDeps) {
    const core = coreOf(deps);
    super(core);
    this.#store = deps.store;
    this.#core = core;
    this.clients = new Clients(this.#core, deps.store, deps.wrapKey);
  }

  /** Makes a key. */
  async CreateKey(caller: T.Caller, input: T.CreateKeyInput): Promise<{ KeyMetadata: T.KeyMetadata }> {
    return createKey(this.#core, caller, input);
  }

  /** Describes a key. */
  async DescribeKey(caller: T.Caller, input: T.KeyIdInput): Promise<{ KeyMetadata: T.KeyMetadata }> {
    return describeKey(this.#core, caller, input);
  }

  /** Lists keys by id, 100 a page. */
  async ListKeys(
    caller: T.Caller,
    input: T.PageInput,
  ): Promise<{ Keys: { KeyId: string; KeyArn: string }[] } & T.PageOutput> {
    return listKeys(this.#core, caller, input);
  }

  /** Lists aliases by name, 50 a page. */
  async ListAliases(
    caller: T.Caller,
    input: T.PageInput & { readonly KeyId?: string },
  ): Promise<{ Aliases: T.AliasEntry[] } & T.PageOutput> {
    return listAliases(this.#core, caller, input);
  }

  /** Gives a key a name. */
  async CreateAlias(caller: T.Caller, input: CreateAliasInput): Promise<Empty> {
    createAlias(this.#core, caller, input);
    return {};
  }

  /** Tells when a key last did something, and what. */
  async GetKeyLastUsage(caller: T.Caller, input: T.KeyIdInput): Promise<GetKeyLastUsageOutput> {
    return getKeyLastUsage(this.#core, caller, input);
  }

  /** Lists custom key stores, of which there are none. */
  async DescribeCustomKeyStores(
    caller: T.Caller,
    input: Absent.DescribeCustomKeyStoresInput,
  ): Promise<{ CustomKeyStores: never[] } & T.PageOutput> {
    return Absent.describeCustomKeyStores(this.#core, caller, input);
  }

  /** Refuses, with the reason, an operation of AWS KMS that this vault does not have. */
  async refuse(caller: T.Caller, operation: RefusedOperation): Promise<never> {
    return Absent.refuseOperation(this.#core, caller, operation);
  }

  /** Changes a key's description. */
  async UpdateKeyDescription(
    caller: T.Caller,
    input: T.KeyIdInput & { readonly Description: string },
  ): Promise<Empty> {
    updateKeyDescription(this.#core, caller, input);
    return {};
  }

  /** Lets a key work again. */
  async EnableKey(caller: T.Caller, input: T.KeyIdInput): Promise<Empty> {
    setKeyState(this.#core, caller, input, 'Enabled');
    return {};
  }

  /** Stops a key from encrypting, decrypting and rotating. */
  async DisableKey(caller: T.Caller, input: T.KeyIdInput): Promise<Empty> {
    setKeyState(this.#core, caller, input, 'Disabled');
    return {};
  }

  /** Points an alias at another key. */
  async UpdateAlias(caller: T.Caller, input: CreateAliasInput): Promise<Empty> {
    updateAlias(this.#core, caller, input);
    return {};
  }

  /** Takes a name away; the key stays. */
  async DeleteAlias(caller: T.Caller, input: { readonly AliasName: string }): Promise<Empty> {
    deleteAlias(this.#core, caller, input);
    return {};
  }

  /** Adds tags to a key. */
  async TagResource(caller: T.Caller, input: Tags.TagResourceInput): Promise<Empty> {
    Tags.tagResource(this.#core, caller, input);
    return {};
  }

  /** Takes tags off a key. */
  async UntagResource(caller: T.Caller, input: Tags.UntagResourceInput): Promise<Empty> {
    Tags.untagResource(this.#core, caller, input);
    return {};
  }

  /** Gives a key just these tags, or none of the change: see `replaceTags`. */
  async replaceTags(caller: T.Caller, input: Tags.TagResourceInput): Promise<{ KeyId: string }> {
    return { KeyId: Tags.replaceTags(this.#core, caller, input) };
  }

  /** Lists a key's tags, 50 a page. */
  async ListResourceTags(
    caller: T.Caller,
    input: T.KeyIdInput & T.PageInput,
  ): Promise<{ Tags: T.Tag[] } & T.PageOutput> {
    return Tags.listResourceTags(this.#core, caller, input);
  }

  /** Has a key shredded after 7 to 30 days. */
  async ScheduleKeyDeletion(
    caller: T.Caller,
    input: T.KeyIdInput & { readonly PendingWindowInDays?: number },
  ): Promise<ScheduleKeyDeletionOutput> {
    return scheduleKeyDeletion(this.#core, caller, input);
  }

  /** Keeps a key from being shredded; it is disabled then. */
  async CancelKeyDeletion(caller: T.Caller, input: T.KeyIdInput): Promise<{ KeyId: string }> {
    return cancelKeyDeletion(this.#core, caller, input);
  }

  /** Makes a data key, in clear and wrapped. */
  async GenerateDataKey(caller: T.Caller, input: T.GenerateDataKeyInput): Promise<T.GenerateDataKeyOutput> {
    return generateDataKey(this.#core, caller, input);
  }

  /** Makes a data key and gives it wrapped only. */
  async GenerateDataKeyWithoutPlaintext(
    caller: T.Caller,
    input: T.GenerateDataKeyInput,
  ): Promise<Omit<T.GenerateDataKeyOutput, 'Plaintext'>> {
    return Pairs.generateDataKeyWithoutPlaintext(this.#core, caller, input);
  }

  /** Makes a key pair, the private key in clear and wrapped. */
  async GenerateDataKeyPair(
    caller: T.Caller,
    input: Pairs.DataKeyPairInput,
  ): Promise<Pairs.DataKeyPairOutput> {
    return Pairs.generateDataKeyPair(this.#core, caller, input, 'GenerateDataKeyPair');
  }

  /** Makes a key pair and gives the private key wrapped only. */
  async GenerateDataKeyPairWithoutPlaintext(
    caller: T.Caller,
    input: Pairs.DataKeyPairInput,
  ): Promise<Omit<Pairs.DataKeyPairOutput, 'PrivateKeyPlaintext'>> {
    const name = 'GenerateDataKeyPairWithoutPlaintext';
    const { PrivateKeyPlaintext, ...rest } = await Pairs.generateDataKeyPair(this.#core, caller, input, name);
    wipe(PrivateKeyPlaintext);
    return rest;
  }

  /** Random bytes, 1 to 1,024. */
  async GenerateRandom(
    caller: T.Caller,
    input: { readonly NumberOfBytes?: number; readonly CustomKeyStoreId?: string },
  ): Promise<{ Plaintext: Buffer }> {
    return Pairs.generateRandom(this.#core, caller, input);
  }

  /** An HMAC over up to 4,096 bytes. */
  async GenerateMac(caller: T.Caller, input: Mac.GenerateMacInput): Promise<Mac.GenerateMacOutput> {
    return Mac.generateMac(this.#core, caller, input);
  }

  /** Verifies an HMAC. */
  async VerifyMac(caller: T.Caller, input: Mac.VerifyMacInput): Promise<Mac.VerifyMacOutput> {
    return Mac.verifyMac(this.#core, caller, input);
  }

  /** Signs a message or digest. */
  async Sign(caller: T.Caller, input: Signing.SignInput): Promise<Signing.SignOutput> {
    return Signing.sign(this.#core, caller, input);
  }

  /** Verifies a signature. */
  async Verify(caller: T.Caller, input: Signing.VerifyInput): Promise<Signing.VerifyOutput> {
    return Signing.verify(this.#core, caller, input);
  }

  /** Gives the public key of an asymmetric key. */
  async GetPublicKey(caller: T.Caller, input: T.KeyIdInput): Promise<Signing.GetPublicKeyOutput> {
    return Signing.getPublicKey(this.#core, caller, input);
  }

  /** Agrees on a secret with another party's public key. */
  async DeriveSharedSecret(
    caller: T.Caller,
    input: Agreement.DeriveSharedSecretInput,
  ): Promise<Agreement.DeriveSharedSecretOutput> {
    return Agreement.deriveSharedSecret(this.#core, caller, input);
  }

  /** Makes a shared secret for whoever may decapsulate. */
  async Encapsulate(
    caller: T.Caller,
    input: Agreement.EncapsulateInput,
  ): Promise<Agreement.EncapsulateOutput> {
    return Agreement.encapsulateSecret(this.#core, caller, input);
  }

  /** Gives the shared secret in a ciphertext. */
  async Decapsulate(
    caller: T.Caller,
    input: Agreement.DecapsulateInput,
  ): Promise<Agreement.DecapsulateOutput> {
    return Agreement.decapsulateSecret(this.#core, caller, input);
  }

  /** At an unlock: rotates what is overdue and shreds what may be (see `runMaintenance`). */
  runUnlockMaintenance(caller: T.Caller, newest: number | undefined): MaintenanceReport {
    return runMaintenance(this.#core, caller, { newest });
  }

  /** While the vault is open: rotates what is overdue, and shreds nothing (see `runMaintenance`). */
  runPeriodicMaintenance(caller: T.Caller): MaintenanceReport {
    return runMaintenance(this.#core, caller);
  }

  /** Encrypts up to 4,096 bytes. */
  async Encrypt(caller: T.Caller, input: T.EncryptInput): Promise<T.EncryptOutput> {
    return encrypt(this.#core, caller, input);
  }

  /** Decrypts a blob of this vault. */
  async Decrypt(caller: T.Caller, input: T.DecryptInput): Promise<T.DecryptOutput> {
    return decrypt(this.#core, caller, input);
  }

  /** Decrypts and encrypts anew, without the plaintext leaving. */
  async ReEncrypt(caller: T.Caller, input: T.ReEncryptInput): Promise<T.ReEncryptOutput> {
    return reEncrypt(this.#core, caller, input);
  }

  /** Moves a file's data key to another key or to the newest version, and has its new header made. */
  async rewrapDataKey<R>(caller: T.Caller, input: T.RewrapInput<R>): Promise<T.RewrapOutput<R>> {
    return rewrapDataKey(this.#core, caller, input);
  }

  /** Gives a version's material out of the vault, or what AWS messages need of it, and marks it for good. */
  async exportMaterial(caller: T.Caller, input: T.ExportInput): Promise<T.ExportOutput> {
    return exportMaterial(this.#core, caller, input);
  }

  /** Gives the data key of one file out of the vault. */
  exportDataKey(caller: T.Caller, input: T.ExportDataKeyInput): T.ExportOutput {
    return exportDataKey(this.#core, caller, input);
  }

  /** A data key for an AWS message: see `generateMessageKey`. */
  generateMessageKey<R>(caller: T.Caller, input: T.MessageKeyInput<R>): T.MessageKey<R> {
    return generateMessageKey(this.#core, caller, input);
  }

  /** The data key of an AWS message: see `openMessageKey`. */
  async openMessageKey(caller: T.Caller, input: T.OpenMessageKeyInput): Promise<Buffer | undefined> {
    return openMessageKey(this.#core, caller, input);
  }

  /** `CreateKey`, `CreateAlias` and `EnableKeyRotation`, all or nothing: see `createNamedKey`. */
  async createNamedKey(
    caller: T.Caller,
    input: CreateNamedKeyInput,
  ): Promise<{ KeyMetadata: T.KeyMetadata }> {
    return createNamedKey(this.#core, caller, input);
  }

  /** Makes the managed key of this alias, if it is one's and there is none yet: see `ensureManagedKey`. */
  async ensureManagedKey(caller: T.Caller, alias: string): Promise<void> {
    const feature = featureOf(alias);
    if (feature !== undefined) await ensureManagedKey(this.#core, caller, feature);
  }

  /** All keys with aliases and versions, oldest key first; logged as one `ListKeys`. */
  async overviewOfAll(caller: T.Caller): Promise<T.KeyOverview[]> {
    return overviewOfAll(this.#core, caller);
  }

  /** One key with aliases and versions; logged as `DescribeKey`. */
  async overview(caller: T.Caller, input: T.KeyIdInput): Promise<T.KeyOverview> {
    return overview(this.#core, caller, input);
  }

  /** The first alias of a key; `undefined` if it has none, or is not there any more. */
  nameOf(arn: string): string | undefined {
    return this.#store.read((tx) => firstAlias(this.#core, tx, arn));
  }

  /**
   * One key with aliases and versions, without an entry in the log: for the answer to an operation that has an
   * entry, and for names beside what is shown anyway.
   */
  look(reference: string): T.KeyOverview {
    return this.#store.read((tx) => overviewIn(this.#core, tx, lookUpKey(this.#core, tx, reference).key));
  }

  /** Whether the vault has a key of that name, in whatever state, without an entry in the log. */
  has(reference: string): boolean {
    return this.#store.read((tx) => knownKey(this.#core, tx, reference) !== undefined);
  }
}
