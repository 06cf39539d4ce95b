import { backupTrouble } from '../../messages/backup-trouble.ts';
import type { BackupFacts, BackupFolder } from '../../shared/backup-contract.ts';
import { countText, sizeText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { folderText } from '../text/backup-text.ts';
import { columns, momentText } from '../text/columns.ts';
import { withVault } from '../vault/access.ts';
import { keysOf } from './keys-of-file.ts';
import type { BackupListOptions } from './options.ts';

/** `backup list` */
export async function listBackups(
  console: Console,
  given: string,
  options: BackupListOptions,
): Promise<void> {
  const api = await import('../../main/api/without-session.ts');
  const folder = console.absolute(given);
  const keys = options.keyOf === undefined ? undefined : await keysOf(console, options.keyOf);
  const backups = await api.listBackups(folder, keys);
  console.document({ folder, backups });
  if (backups.length === 0) {
    console.say(
      keys === undefined
        ? `No backups in ${console.path(folder)}`
        : `No backup in ${console.path(folder)} holds a key of this file.`,
    );
  }
  sayBackups(console, backups);
}

/** `backup verify` */
export async function verifyBackups(console: Console, given: string): Promise<void> {
  const api = await import('../../main/api/without-session.ts');
  const path = console.absolute(given);
  const backups = await console.withProgress((tell) =>
    api.verifyBackups(path, console.signal, (done, total, source) =>
      tell({ done, total, file: done + 1, files: total, source }),
    ),
  );
  if (backups.some(({ state }) => state === 'damaged')) console.raise('BackupDamaged');
  console.document({ backups });
  if (backups.length === 0) console.say(`No backups in ${console.path(path)}`);
  sayBackups(console, backups);
  const whole = backups.filter(({ state }) => state === 'whole').length;
  if (backups.length > 0) console.say(`${whole} of ${backups.length} whole, as they were written.`);
}

function sayBackups(console: Console, backups: readonly BackupFacts[]): void {
  const rows = backups.map((one) => [
    one.created === undefined ? '' : momentText(one.created),
    one.keys === undefined ? '' : countText(one.keys, 'key'),
    one.bytes === undefined ? '' : sizeText(one.bytes),
    one.state === 'whole' ? '' : console.style.bad(`DAMAGED: ${escapeText(backupTrouble(one.why))}`),
    console.path(one.path),
  ]);
  for (const line of columns(rows, 200)) console.say(line);
}

/** `backup folders list` */
export async function listFolders(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { folders } = await vault.call('backup.folders', {});
    tellFolders(console, folders);
  });
}

/** `backup folders add` */
export async function addFolder(console: Console, folder: string, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { folders } = await vault.call('backup.addFolder', { folder: console.absolute(folder) });
    tellFolders(console, folders);
  });
}

/** `backup folders remove` */
export async function removeFolder(console: Console, folder: string, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { folders } = await vault.call('backup.removeFolder', { folder: console.absolute(folder) });
    tellFolders(console, folders);
  });
}

function tellFolders(console: Console, folders: readonly BackupFolder[]): void {
  console.document({ folders });
  if (folders.length === 0) {
    console.say('No folder gets backups by itself. Name one with: keyward backup folders add FOLDER');
  }
  const rows = folders.map((folder) => [console.path(folder.path), folderText(folder)]);
  for (const line of columns(rows, 200)) console.say(line);
  for (const { path, synced } of folders) {
    if (!synced) continue;
    console.note(
      `${console.path(path)} is synced or on a network disk: whoever has a copy of a backup can open it with the recovery phrase, or with shares where there are some, and nobody without.`,
    );
  }
}
