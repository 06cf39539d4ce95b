import { z } from 'zod';
import type { Json } from '../../shared/errors.ts';
import { KEY_SPECS, KEY_USAGES } from '../../shared/key-specs.ts';
import type { AuditLog } from '../audit/log.ts';
import { type LogFacts, logFacts } from '../audit/log-facts.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Materials } from '../kms/keys/material-wrapping.ts';
import type { Catalog } from '../store/catalog.ts';
import type { ReadTx, Store, Tx } from '../store/database.ts';
import { readIdentity } from '../store/identity.ts';
import type { Records } from '../store/records.ts';
import type { RootKey } from '../unlock/root-key.ts';
import type { Device, DeviceFacts } from './device.ts';
import { type BackupDocument, ROOMS_LEFT_OUT } from './document.ts';
import { BACKUP_PURPOSE, sealMaterial } from './material.ts';

/** How many versions are sealed before other work gets its turn: some 10 ms. */
const SLICE = 100;

/** What the catalog of files gives to a backup, and takes from one. */
export type FileCatalogRows = Pick<Catalog<unknown>, 'eachPacked' | 'look'> & {
  /** Enters what `eachPacked` gave of a file that is not known, or that has a newer header there; false for anything else. */
  mergePacked(tx: Tx, messageId: Uint8Array, packed: Json): boolean;
};

/** What a backup is made from: an open vault. */
export type BackupSource = {
  readonly store: Store;
  readonly records: Records;
  readonly root: RootKey;
  readonly device: Device;
  readonly audit: AuditLog;
  readonly materials: Pick<Materials, 'open'>;
  readonly catalog: Pick<Catalog<unknown>, 'eachPacked'>;
};

const keyRow = z.looseObject({
  spec: z.enum(KEY_SPECS),
  usage: z.enum(KEY_USAGES),
  origin: z.enum(['AWS_KMS', 'EXTERNAL']),
});
const versionRow = z.looseObject({ wrapped: z.string().exactOptional() });

type Row = [room: string, id: string, body: string];
type Snapshot = {
  readonly vault: ReturnType<typeof readIdentity>;
  readonly device: DeviceFacts;
  readonly rows: readonly Row[];
  readonly log: LogFacts;
  readonly catalog: BackupDocument['catalog'];
};

/**
 * Collects a backup's document from one state of the database; other work gets its turn while material is sealed. Every
 * record is checked on the way. Throws `VaultDamaged` naming one that does not hold, and what `signal` was aborted with.
 */
export async function collect(
  source: BackupSource,
  about: { readonly sequence: number; readonly created: string; readonly device: DeviceFacts },
  signal: AbortSignal,
): Promise<BackupDocument> {
  const snapshot = source.store.read((tx) => snapshotOf(source, tx, about.device));
  const material = await materialOf(source, snapshot.rows, signal);
  const { vault, device, rows, log, catalog } = snapshot;
  const rootKey = source.root.forBackup();
  try {
    return {
      keyward: 'backup/1',
      vault: { ...vault, throwAway: false },
      device,
      sequence: about.sequence,
      created: about.created,
      rootKey: rootKey.toString('base64'),
      material,
      records: [...rows],
      log: {
        firstKey: log.firstKey,
        head: log.head,
        segments: [...log.segments],
        lastUses: log.lastUses.map(([arn, use]) => [arn, use]),
      },
      catalog,
      entries: false,
    };
  } finally {
    wipe(rootKey);
  }
}

/** The ids of the keys in a document. */
export function keysIn({ records }: Pick<BackupDocument, 'records'>): string[] {
  return records.flatMap(([room, id]) => (room === 'keys' ? [id] : []));
}

function snapshotOf(source: BackupSource, tx: ReadTx, device: DeviceFacts): Snapshot {
  const rows: Row[] = [];
  for (const { room, id, body } of source.records.all(tx)) {
    if (!ROOMS_LEFT_OUT.includes(room)) rows.push([room, id, body.toString()]);
  }
  const catalog: BackupDocument['catalog'] = [];
  for (const { messageId, packed } of source.catalog.eachPacked(tx)) {
    catalog.push([messageId.toString('hex'), packed]);
  }
  return { vault: readIdentity(tx), device, rows, log: logFacts(tx, source.audit), catalog };
}

async function materialOf(source: BackupSource, rows: readonly Row[], signal: AbortSignal) {
  const keys = new Map<string, z.output<typeof keyRow>>();
  for (const [room, id, body] of rows) if (room === 'keys') keys.set(id, keyRow.parse(JSON.parse(body)));
  const sealed: BackupDocument['material'] = [];
  const key = source.root.purposeKey(BACKUP_PURPOSE);
  try {
    for (const [room, name, body] of rows) {
      if (room !== 'key-versions') continue;
      const { wrapped } = versionRow.parse(JSON.parse(body));
      const [keyId = '', versionId = ''] = name.split('/');
      const facts = keys.get(keyId);
      if (wrapped === undefined || facts === undefined) continue;
      const { spec, usage, origin } = facts;
      const material = source.materials.open({ keyId, versionId, key: facts }, wrapped);
      sealed.push(
        sealMaterial(key, source.root.vaultId, { keyId, versionId, spec, usage, origin }, material),
      );
      wipe(material);
      if (sealed.length % SLICE === 0) await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
    return sealed;
  } finally {
    wipe(key);
  }
}
