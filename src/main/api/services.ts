import type { Clock } from '../../shared/clock.ts';
import type { Settings } from '../../shared/contract.ts';
import type { Role } from '../../shared/roles.ts';
import { AuditLog } from '../audit/log.ts';
import { Backups } from '../backup/backups.ts';
import { Device } from '../backup/device.ts';
import { BackupFolders } from '../backup/folders.ts';
import { Merges } from '../backup/merge.ts';
import { wipe } from '../crypto/bytes.ts';
import { JobStore } from '../jobs/job-store.ts';
import { JobTable } from '../jobs/job-table.ts';
import { Scheduler } from '../jobs/scheduler.ts';
import { userArn } from '../kms/access/identity.ts';
import { MaterialPrints } from '../kms/keys/material-prints.ts';
import { Materials } from '../kms/keys/material-wrapping.ts';
import { createKeyService, type KeyService } from '../kms/service.ts';
import type { Caller, KeyVault } from '../kms/types.ts';
import type { Store } from '../store/database.ts';
import { KeysFile } from '../store/keys-file/keys-file.ts';
import { Partials } from '../store/partials.ts';
import { Records } from '../store/records.ts';
import type { RootKey } from '../unlock/root-key.ts';
import { FileCatalog } from '../vault/catalog.ts';
import { PartialRecords } from '../vault/partial-records.ts';
import type { SlotKind } from '../vault/slot-kinds.ts';
import { vaultKeys } from '../vault/vault-keys.ts';
import { KeptPartials } from './kept-partials.ts';
import { readSettings } from './settings.ts';

/** The services over one unlocked vault, wired to each other. */
export type Services = {
  readonly store: Store;
  readonly records: Records;
  readonly audit: AuditLog;
  readonly kms: KeyService;
  readonly slotKinds: readonly SlotKind[];
  readonly keysFile: KeysFile | undefined;
  readonly files: FileCatalog;
  readonly device: Device;
  readonly backups: Backups;
  readonly merges: Merges;
  readonly backupFolders: BackupFolders;
  readonly prints: MaterialPrints;
  readonly partialTable: Partials;
  readonly keptPartials: KeptPartials;
  readonly partials: PartialRecords;
  readonly jobRows: JobStore;
  readonly jobs: JobTable;
  /** Starts what the vault does by itself. */
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly vault: KeyVault;
  readonly settings: () => Settings;
  /** Wipes every key that was derived for the rooms. */
  readonly wipe: () => void;
};

/** What services are over: the database, and where its second file stands; a copy in memory has none. */
type Stored = { readonly store: Store; readonly keysFile: string | undefined };

/** Builds the services from the root key; nothing is read or written yet. */
export function wireServices(stored: Stored, root: RootKey, vault: KeyVault, clock: Clock): Services {
  const { store } = stored;
  const key = {
    row: root.purposeKey('record'),
    set: root.purposeKey('record-set'),
    auditMac: root.purposeKey('audit-mac'),
    names: root.purposeKey('audit-names'),
    auditIndex: root.purposeKey('audit-index'),
    wrap: root.purposeKey('key-wrap'),
    catalog: root.purposeKey('catalog'),
    catalogSet: root.purposeKey('catalog-set'),
    partial: root.purposeKey('partial'),
    partialSet: root.purposeKey('partial-set'),
    keysFile: root.purposeKey('keys-file'),
    device: root.purposeKey('device'),
    backupFolders: root.purposeKey('backup-folders'),
    job: root.purposeKey('job'),
    jobSet: root.purposeKey('job-set'),
  };
  const records = new Records({ row: key.row, set: key.set });
  const keysFile =
    stored.keysFile === undefined
      ? undefined
      : new KeysFile({ path: stored.keysFile, key: key.keysFile, records, read: (act) => store.read(act) });
  const audit = new AuditLog(
    store,
    records,
    { mac: key.auditMac, names: key.names, index: key.auditIndex },
    vault,
    clock,
  );
  const settings = () => store.read((tx) => readSettings(records, tx));
  const kms = createKeyService({
    store,
    records,
    audit,
    wrapKey: key.wrap,
    vault,
    clock,
    openWithoutAudit: () => settings()['open-files-without-audit'],
  });
  const partialTable = new Partials({ records, key: key.partial, setKey: key.partialSet });
  const device = new Device(records, vault.id, key.device);
  const files = new FileCatalog({ records, key: key.catalog, setKey: key.catalogSet });
  const backupFolders = new BackupFolders(records, key.backupFolders);
  const jobRows = new JobStore({ records, key: key.job, setKey: key.jobSet });
  return {
    store,
    records,
    audit,
    kms,
    keysFile,
    partialTable,
    keptPartials: new KeptPartials(),
    partials: new PartialRecords({
      ...{ store, clock, partials: partialTable },
      openWithoutRecord: () => settings()['open-files-without-audit'],
    }),
    slotKinds: [vaultKeys(kms)],
    files,
    device,
    backupFolders,
    prints: new MaterialPrints(records, key.wrap),
    backups: new Backups({
      ...{ store, records, root, device, audit, clock },
      materials: new Materials(key.wrap, vault.id),
      catalog: files,
      folders: backupFolders,
      kind: () => settings()['backup-recipients'],
    }),
    merges: new Merges({ ...{ store, records, root, device, audit, clock, kms }, catalog: files }),
    jobRows,
    jobs: new JobTable({ store, rows: jobRows, clock }),
    scheduler: new Scheduler(clock),
    clock,
    vault,
    settings,
    wipe: () => {
      audit.forget();
      wipe(...Object.values(key));
    },
  };
}

/**
 * The ARN of whoever calls through a face: the owner at the window, the command as a user of its own, or either as
 * the role that they stepped down to.
 */
export function callerOf(vault: KeyVault, client: 'window' | 'cli', role?: Role): Caller {
  const user = role ?? (client === 'window' ? 'owner' : 'cli');
  return { principal: userArn(vault.account, user), client };
}
