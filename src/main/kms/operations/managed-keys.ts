import { randomUuid, wipe } from '../../crypto/bytes.ts';
import type { Tx } from '../../store/database.ts';
import { rootArn } from '../access/identity.ts';
import { aliasArn, keyArn } from '../arn.ts';
import type { Core } from '../core.ts';
import { newMaterial } from '../keys/key-material.ts';
import type { KeyRow } from '../keys/row-schemas.ts';
import type { OperationRecord } from '../operation.ts';
import type { Caller } from '../types.ts';

/** What the vault makes a key of its own for, with what the key is described by. */
const FEATURES = {
  files: 'Protects files where no other key is chosen. Managed by the vault.',
} as const;

/** One of them. */
type ManagedFeature = keyof typeof FEATURES;

/** A managed key that is to be: its alias, what it is described by, and its policy. */
type Draft = { readonly alias: string; readonly description: string; readonly policy: string };

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

/** Services of AWS that have a key of their own in every account. */
const AWS_SERVICES = [
  ...['acm', 'backup', 'codecommit', 'connect', 'dax', 'dms', 'dynamodb', 'ebs'],
  ...[
    'elasticfilesystem',
    'es',
    'fsx',
    'glue',
    'kafka',
    'kinesis',
    'kinesisvideo',
    'lambda',
    'lex',
    'lightsail',
  ],
  ...['rds', 'redshift', 's3', 'secretsmanager', 'sns', 'sqs', 'ssm', 'workspaces', 'xray'],
];

/** What they do with it for whoever uses them. */
const USES = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:CreateGrant'];

/** The alias of a feature's managed key. */
function managedAlias(feature: ManagedFeature): string {
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
  const policy = policyOf(core.vault.account);
  const draft = { alias: managedAlias(feature), description: FEATURES[feature], policy };
  await ensureKey(core, caller, draft, 'kms:GenerateDataKey');
}

/**
 * Makes the key that AWS manages for one of its services, `alias/aws/s3` and the like, if a call names it and the vault
 * has none yet, as AWS does at the first `DescribeKey`. Templates for AWS name them. Everybody may look at it whose own
 * policies say so; nobody can use it but by way of the service, which is not here. Whoever may do neither what they ask
 * for nor describe keys has none made.
 */
export async function ensureServiceKey(
  core: Core,
  caller: Caller,
  reference: string,
  action: string,
): Promise<void> {
  const { account, region } = core.vault;
  const ofArn = aliasArn(core.vault, '');
  const alias = reference.startsWith(ofArn) ? reference.slice(ofArn.length) : reference;
  const service = AWS_SERVICES.find((name) => `alias/aws/${name}` === alias);
  if (service === undefined) return;
  const draft = {
    alias,
    description: `Default key that protects my ${service} data when no other key is defined`,
    policy: servicePolicyOf(account, region, service),
  };
  await ensureKey(core, caller, draft, action, 'kms:DescribeKey');
}

/** Makes a managed key unless it is there, for whoever may do one of these actions. */
async function ensureKey(core: Core, caller: Caller, draft: Draft, ...actions: string[]): Promise<void> {
  const { alias } = draft;
  const isWanted = core.journal.look(
    (tx) =>
      core.rows.alias(tx, alias) === undefined &&
      actions.some((action) => core.access.decide(tx, { caller, action }).allowed),
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
      step(operation, (record) => makeIn(core, tx, record, draft, material));
    });
  } finally {
    wipe(material);
  }
}

function makeIn(
  core: Core,
  tx: Tx,
  record: OperationRecord,
  { alias, description, policy }: Draft,
  material: Uint8Array,
): void {
  const [id, versionId, created] = [randomUuid(), core.materials.newVersionId(), core.clock.now()];
  const row: KeyRow = {
    spec: 'SYMMETRIC_DEFAULT',
    usage: 'ENCRYPT_DECRYPT',
    origin: 'AWS_KMS',
    manager: 'AWS',
    state: 'Enabled',
    description,
    created,
    current: versionId,
    rotation: { days: DAYS, next: created + DAYS * DAY },
  };
  const wrapped = core.materials.wrap({ keyId: id, versionId, key: row }, material);
  core.rows.putKey(tx, id, row);
  core.rows.putVersion(tx, id, versionId, { created, rotation: null, wrapped });
  core.policies.put(tx, id, policy);
  core.rows.putAlias(tx, alias, { target: id, created, updated: created });
  record.keyArns.push(keyArn(core.vault, id));
  record.response = { keyId: id, keyMaterialId: versionId };
}

function policyOf(account: string): string {
  const Principal = { AWS: rootArn(account) };
  const delegated = { Sid: 'Enable IAM User Permissions', Effect: 'Allow', Principal, Action: 'kms:*' };
  return managedPolicy('keyward-managed-1', delegated);
}

/** As AWS has it for its own keys: used by way of their service, and looked at by their account. */
function servicePolicyOf(account: string, region: string, service: string): string {
  const used = {
    Sid: `Allow access through ${service} for all principals in the account`,
    Effect: 'Allow',
    Principal: { AWS: '*' },
    Action: USES,
    Condition: {
      StringEquals: {
        'kms:CallerAccount': account,
        'kms:ViaService': `${service}.${region}.amazonaws.com`,
      },
    },
  };
  const seen = {
    Sid: 'Allow direct access to key metadata to the account',
    Effect: 'Allow',
    Principal: { AWS: rootArn(account) },
    Action: ['kms:Describe*', 'kms:Get*', 'kms:List*'],
  };
  return managedPolicy(`auto-${service}-1`, used, seen);
}

function managedPolicy(Id: string, ...statements: readonly object[]): string {
  const managed = { Sid: 'Managed by the vault', Effect: 'Deny', Principal: '*', Action: DENIED };
  const Statement = [...statements, managed].map((statement) => ({ ...statement, Resource: '*' }));
  return JSON.stringify({ Version: '2012-10-17', Id, Statement }, null, 2);
}
