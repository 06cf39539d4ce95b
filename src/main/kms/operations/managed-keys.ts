import { randomUuid, wipe } from '../../crypto/bytes.ts';
import type { Tx } from '../../store/database.ts';
import { rootArn } from '../access/identity.ts';
import { keyArn } from '../arn.ts';
import type { Core } from '../core.ts';
import { newMaterial } from '../keys/key-material.ts';
import type { KeyRow } from '../keys/key-store.ts';
import type { OperationRecord } from '../operation.ts';
import type { Caller } from '../types.ts';

/** What the vault makes a key of its own for, with what the key is described by. */
const FEATURES = {
  files: 'Protects files where no other key is chosen. Managed by the vault.',
} as const;

/** One of them. */
export type ManagedFeature = keyof typeof FEATURES;

const DAYS = 365;
const DAY = 86_400_000;

/** What nobody may do to a managed key: what AWS lets nobody do to its own. */
const DENIED = [
  'keyward:DisableKeyVersion',
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:PutKeyPolicy',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

/** The alias of a feature's managed key. */
export function managedAlias(feature: ManagedFeature): string {
  return `alias/keyward/${feature}`;
}

/** The feature whose managed key an alias is of, if it is one. */
export function featureOf(alias: string): ManagedFeature | undefined {
  return (Object.keys(FEATURES) as ManagedFeature[]).find((feature) => managedAlias(feature) === alias);
}

/**
 * Makes a feature's managed key, which AWS calls "AWS managed key", if the vault has none yet. The vault does so
 * itself, for whomever it is that uses the feature; whoever could not encrypt under it has none made. The key rotates
 * every year; its policy denies everybody what would change it, so that refusals and `explain` tell of it as of any
 * other policy.
 */
export async function ensureManagedKey(core: Core, caller: Caller, feature: ManagedFeature): Promise<void> {
  const alias = managedAlias(feature);
  const isWanted = core.journal.look(
    (tx) =>
      core.rows.alias(tx, alias) === undefined &&
      core.access.decide(tx, { caller, action: 'kms:GenerateDataKey' }).allowed,
  );
  if (!isWanted) return;
  const material = await newMaterial('SYMMETRIC_DEFAULT');
  const operation = {
    caller: { principal: rootArn(core.vault.account), client: 'window' },
    eventName: 'CreateKey',
    readOnly: false,
    request: { aliasName: alias, keyManager: 'AWS' },
    eventType: 'KeywardEvent',
    internal: true,
  } as const;
  try {
    core.journal.change((tx, step) => {
      // Somebody else may have made it while the material was.
      if (core.rows.alias(tx, alias) !== undefined) return;
      step(operation, (note) => makeIn(core, tx, note, feature, material));
    });
  } finally {
    wipe(material);
  }
}

function makeIn(
  core: Core,
  tx: Tx,
  note: OperationRecord,
  feature: ManagedFeature,
  material: Uint8Array,
): void {
  const [id, versionId, created] = [randomUuid(), core.materials.newVersionId(), core.clock.now()];
  const row: KeyRow = {
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    manager: 'AWS',
    state: 'Enabled',
    description: FEATURES[feature],
    created,
    current: versionId,
    rotation: { days: DAYS, next: created + DAYS * DAY },
  };
  const wrapped = core.materials.wrap({ keyId: id, versionId, key: row }, material);
  core.rows.putKey(tx, id, row);
  core.rows.putVersion(tx, id, versionId, { created, rotation: null, wrapped });
  core.policies.put(tx, id, policyOf(core.vault.account));
  core.rows.putAlias(tx, managedAlias(feature), { target: id, created, updated: created });
  note.keyArns.push(keyArn(core.vault, id));
  note.response = { keyId: id, keyMaterialId: versionId };
}

function policyOf(account: string): string {
  const Principal = { AWS: rootArn(account) };
  const delegated = { Sid: 'Enable IAM User Permissions', Effect: 'Allow', Principal, Action: 'kms:*' };
  const managed = { Sid: 'Managed by the vault', Effect: 'Deny', Principal: '*', Action: DENIED };
  const Statement = [delegated, managed].map((statement) => ({ ...statement, Resource: '*' }));
  return JSON.stringify({ Version: '2012-10-17', Id: 'keyward-managed-1', Statement }, null, 2);
}
