import type { KeySummary, Output } from '../../shared/contract.ts';
import { countText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { keyName, shortVersion } from '../key-names.ts';
import { columns, momentText } from '../text/columns.ts';
import { withVault } from '../vault/access.ts';
import type { CreateOptions, DeleteOptions, RotationOptions } from './options.ts';

/** `keys list` */
export async function listKeys(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { keys } = await vault.call('keys.list', {});
    console.document({ keys });
    if (keys.length === 0) console.say('No keys yet. Make one with: keyward keys create NAME');
    const rows = keys.map((key) => [
      escapeText(keyName(key)),
      key.spec,
      key.state,
      countText(key.versions, 'version'),
      momentText(key.createdAt).slice(0, 10),
      escapeText(key.description),
    ]);
    for (const line of columns(rows)) console.say(line);
  });
}

/** `keys create ALIAS` */
export async function createKey(console: Console, alias: string, options: CreateOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const full = alias.startsWith('alias/') ? alias : `alias/${alias}`;
    const key = await vault.call('keys.create', { alias: full, description: options.description ?? '' });
    console.document(key);
    sayKey(console, key);
  });
}

/** `keys describe KEY` */
export async function describeKey(console: Console, key: string, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const described = await vault.call('keys.describe', { key });
    console.document(described);
    sayKey(console, described);
    console.say();
    console.say('  Versions');
    for (const line of columns(versionRows(described.history))) console.say(`    ${line}`);
  });
}

/** `keys versions list KEY` */
export async function listVersions(console: Console, key: string, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const described = await vault.call('keys.describe', { key });
    console.document(described);
    if (described.history.length === 0) console.say('None: the key waits for its material.');
    for (const line of columns(versionRows(described.history))) console.say(line);
  });
}

/** `keys versions disable|enable KEY VERSION` */
export async function setVersion(
  console: Console,
  key: string,
  version: string,
  enabled: boolean,
  options: VaultOptions,
): Promise<void> {
  await withVault(console, options, async (vault) => {
    const changed = await vault.call('keys.setVersion', { key, version, enabled });
    console.document(changed);
    for (const line of columns(versionRows(changed.history))) console.say(line);
    console.say(
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
      ...(imported?.description === undefined ? [] : [escapeText(imported.description)]),
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
  console: Console,
  method: keyof typeof DONE,
  key: string,
  options: VaultOptions,
): Promise<void> {
  await withVault(console, options, async (vault) => {
    const changed = await vault.call(method, { key });
    console.document(changed);
    sayKey(console, changed);
    console.say(DONE[method]);
  });
}

/** `keys delete KEY` */
export async function deleteKey(console: Console, key: string, options: DeleteOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const changed = await vault.call('keys.scheduleDeletion', { key, days: options.days });
    console.document(changed);
    sayKey(console, changed);
    console.say('Nothing under this key opens from now on. To take it back: keyward keys cancel-deletion');
  });
}

/** `keys rotation KEY` */
export async function setRotation(console: Console, key: string, options: RotationOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const changed = await vault.call('keys.setRotation', { key, days: options.every ?? null });
    console.document(changed);
    sayKey(console, changed);
  });
}

function sayKey(console: Console, key: KeySummary): void {
  console.say(console.style.bold(escapeText(keyName(key))));
  const rows = [
    ['State', key.state],
    ['Kind', `${key.spec}, ${key.usage}`],
    ['Key id', key.keyId],
    ['ARN', key.arn],
    ...key.aliases.map((alias) => ['Alias', escapeText(alias)]),
    ...(key.description === '' ? [] : [['Description', escapeText(key.description)]]),
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
  for (const line of columns(rows, 200)) console.say(`  ${line}`);
}
