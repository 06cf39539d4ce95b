import type { KeySummary, Output } from '../../shared/contract.ts';
import type { CreateOptions, DeleteOptions, RotationOptions } from '../commands/keys.ts';
import type { Face } from '../face.ts';
import { keyName, shortVersion } from '../names.ts';
import type { VaultOptions } from '../options.ts';
import { inert } from '../text/inert.ts';
import { columns, countText, momentText } from '../text/measures.ts';
import { withVault } from '../vault/access.ts';

/** `keys list` */
export async function listKeys(face: Face, options: VaultOptions): Promise<void> {
  await withVault(face, options, async (vault) => {
    const { keys } = await vault.call('keys.list', {});
    face.document({ keys });
    if (keys.length === 0) face.say('No keys yet. Make one with: keyward keys create NAME');
    const rows = keys.map((key) => [
      inert(keyName(key)),
      key.spec,
      key.state,
      countText(key.versions, 'version'),
      momentText(key.createdAt).slice(0, 10),
      inert(key.description),
    ]);
    for (const line of columns(rows)) face.say(line);
  });
}

/** `keys create ALIAS` */
export async function createKey(face: Face, alias: string, options: CreateOptions): Promise<void> {
  await withVault(face, options, async (vault) => {
    const full = alias.startsWith('alias/') ? alias : `alias/${alias}`;
    const key = await vault.call('keys.create', { alias: full, description: options.description ?? '' });
    face.document(key);
    sayKey(face, key);
  });
}

/** `keys describe KEY` */
export async function describeKey(face: Face, key: string, options: VaultOptions): Promise<void> {
  await withVault(face, options, async (vault) => {
    const described = await vault.call('keys.describe', { key });
    face.document(described);
    sayKey(face, described);
    face.say();
    face.say('  Versions');
    for (const line of columns(versionRows(described.history))) face.say(`    ${line}`);
  });
}

/** `keys versions list KEY` */
export async function listVersions(face: Face, key: string, options: VaultOptions): Promise<void> {
  await withVault(face, options, async (vault) => {
    const described = await vault.call('keys.describe', { key });
    face.document(described);
    if (described.history.length === 0) face.say('None: the key waits for its material.');
    for (const line of columns(versionRows(described.history))) face.say(line);
  });
}

/** `keys versions disable|enable KEY VERSION` */
export async function setVersion(
  face: Face,
  key: string,
  version: string,
  enabled: boolean,
  options: VaultOptions,
): Promise<void> {
  await withVault(face, options, async (vault) => {
    const changed = await vault.call('keys.setVersion', { key, version, enabled });
    face.document(changed);
    for (const line of columns(versionRows(changed.history))) face.say(line);
    face.say(
      enabled
        ? 'Enabled.'
        : 'Disabled: nothing that was encrypted under this version opens until it is enabled again.',
    );
  });
}

function versionRows(history: Output<'keys.describe'>['history']): string[][] {
  return history.map(({ version, createdAt, current, exportedAt, disabledAt, imported, pendingRotation }) => [
    shortVersion(version),
    momentText(createdAt),
    [
      ...(current ? ['current'] : []),
      ...(pendingRotation === undefined ? [] : ['waits for its rotation']),
      ...(disabledAt === undefined ? [] : [`disabled ${momentText(disabledAt)}`]),
      ...(exportedAt === undefined ? [] : [`exported ${momentText(exportedAt)}`]),
      ...(imported?.here === false ? ['material not here'] : []),
      ...(imported?.expiresAt === undefined ? [] : [`expires ${momentText(imported.expiresAt)}`]),
      ...(imported?.description === undefined ? [] : [inert(imported.description)]),
    ].join(', '),
  ]);
}

const DONE = {
  'keys.rotate': 'New version made; older files still open.',
  'keys.enable': 'Enabled.',
  'keys.disable': 'Disabled: nothing under this key opens until it is enabled again.',
  'keys.cancelDeletion': 'The key stays. It is disabled; to use it again: keyward keys enable',
} as const;

/** `keys rotate|enable|disable|cancel-deletion KEY` */
export async function changeKey(
  face: Face,
  method: keyof typeof DONE,
  key: string,
  options: VaultOptions,
): Promise<void> {
  await withVault(face, options, async (vault) => {
    const changed = await vault.call(method, { key });
    face.document(changed);
    sayKey(face, changed);
    face.say(DONE[method]);
  });
}

/** `keys delete KEY` */
export async function deleteKey(face: Face, key: string, options: DeleteOptions): Promise<void> {
  await withVault(face, options, async (vault) => {
    const changed = await vault.call('keys.scheduleDeletion', { key, days: options.days });
    face.document(changed);
    sayKey(face, changed);
    face.say('Nothing under this key opens from now on. To take it back: keyward keys cancel-deletion');
  });
}

/** `keys rotation KEY` */
export async function setRotation(face: Face, key: string, options: RotationOptions): Promise<void> {
  await withVault(face, options, async (vault) => {
    const changed = await vault.call('keys.setRotation', { key, days: options.every ?? null });
    face.document(changed);
    sayKey(face, changed);
  });
}

function sayKey(face: Face, key: KeySummary): void {
  face.say(face.style.bold(inert(keyName(key))));
  const rows = [
    ['State', key.state],
    ['Kind', `${key.spec}, ${key.usage}`],
    ['Key id', key.keyId],
    ['ARN', key.arn],
    ...key.aliases.map((alias) => ['Alias', inert(alias)]),
    ...(key.description === '' ? [] : [['Description', inert(key.description)]]),
    ['Made', momentText(key.createdAt)],
    ...(key.deletionDate === undefined ? [] : [['To be shredded', `after ${momentText(key.deletionDate)}`]]),
    ...(key.rotation === undefined
      ? []
      : [['Rotates', `every ${key.rotation.days} days, next on ${momentText(key.rotation.next)}`]]),
    ...(key.managed === undefined ? [] : [['Managed', 'by the vault; nobody can change it']]),
    [
      'Version',
      key.versions === 0
        ? 'none: the key waits for its material'
        : `${shortVersion(key.currentVersion)}, ${countText(key.versions, 'version')} in all`,
    ],
  ];
  for (const line of columns(rows, 200)) face.say(`  ${line}`);
}
