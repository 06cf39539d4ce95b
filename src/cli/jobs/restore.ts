import { resolveHome } from '../../main/home/paths.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { countText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { phraseFrom } from '../secrets/backup-phrase.ts';
import { fromEnvironment, readShares } from '../secrets/credential.ts';
import { newPassphrase } from '../secrets/new-passphrase.ts';
import { columns, momentText } from '../text/columns.ts';
import { claimNewHome } from '../vault/claim-new-home.ts';
import type { BackupRestoreOptions, RestoreSource } from './options.ts';
import { changeText } from './union-words.ts';

const WITHOUT = 'Leave the passphrase empty to unlock with the keychain and the recovery phrase only.';

/** `backup restore` where there is no vault: makes it anew from the backup, with a new passphrase. */
export async function restore(
  console: Console,
  { from, keys, also }: RestoreSource,
  options: BackupRestoreOptions,
): Promise<void> {
  const home = resolveHome(console.around.env);
  requireNoMerge(options);
  const { restoreVault } = await import('../../main/api/index.ts');
  const phrase =
    options.shareFile === undefined
      ? await phraseFrom(console, options)
      : await readShares(console, options.shareFile);
  const passphrase = await newPassphrase(console, {
    file: options.passphraseFile ?? fromEnvironment(console),
    option: '--passphrase-file',
    weak: options.weakPassphrase,
    ...(options.keychain === true ? { optional: WITHOUT } : {}),
  });
  try {
    const claim = await claimNewHome(home, console.signal, vaultExists);
    try {
      const made = await restoreVault(claim, {
        ...{ from, phrase, also, signal: console.signal },
        keychain: options.keychain === true,
        ...(passphrase === undefined ? {} : { passphrase }),
        ...(keys === undefined ? {} : { keys }),
      });
      tell(console, home, made);
    } finally {
      await claim.release();
    }
  } finally {
    passphrase?.fill(0);
  }
}

type Restored = Awaited<ReturnType<typeof import('../../main/api/index.ts')['restoreVault']>>;

function tell(console: Console, home: string, made: Restored): void {
  const { vaultId, account, region, backup, keys, files, protectors, passedOver, united, folders } = made;
  console.document({
    ...{ home, vaultId, account, region, backup, keys, files },
    protectors: [...protectors],
    passedOver: [...passedOver],
    folders: [...folders],
    united: united.map(({ path, changes, kept }) => ({ path, changes: [...changes], kept: [...kept] })),
  });
  console.say(`${console.style.bold('Your vault is back')} at ${console.path(home)}`);
  console.say();
  const rows = [
    ['From', console.path(backup.path)],
    ['Of', momentText(backup.created)],
    ['Holds', `${countText(keys, 'key')}, ${countText(files, 'file')} known`],
    ['Unlocks with', protectors.map((kind) => kind.replace('-', ' ')).join(', ')],
  ];
  for (const line of columns(rows)) console.say(`  ${line}`);
  for (const { path, changes, kept } of united) {
    if (changes.length + kept.length > 0) console.say(`By what ${console.path(path)} says:`);
    for (const change of changes) console.say(`  ${changeText(change)}`);
    for (const { kind, name, why } of kept)
      console.say(`  ${kind} ${escapeText(name)} is not brought: ${why}`);
  }
  for (const { path, why } of passedOver)
    console.note(`Passed over: ${console.path(path)}: ${escapeText(why)}`);
  console.say();
  console.say('What was changed after that backup is not in it. See how it stands: keyward status');
  if (folders.length === 0) console.say('Backups go nowhere yet. Next: keyward backup folders add FOLDER');
  else
    console.say(
      `Backups go on by themselves, as far as the folder is there: ${folders.map((path) => console.path(path)).join(', ')}. See: keyward backup folders list`,
    );
}

/** What is about a vault that is there can't be meant where there is none. */
function requireNoMerge({ dryRun, take, yes, formerPhrase }: BackupRestoreOptions): void {
  if (!(dryRun || yes || formerPhrase || take !== undefined)) return;
  throw fail('merge-options-without-vault');
}

function vaultExists(home: string): KeywardError {
  return fail('restore-over-a-vault', { home });
}
