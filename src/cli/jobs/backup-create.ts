import type { BackupMade } from '../../shared/backup-contract.ts';
import { type ErrorBody, fail, isKeywardError } from '../../shared/errors.ts';
import { countText, sizeText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { withVault } from '../vault/access.ts';
import type { Vault } from '../vault/vault.ts';
import type { BackupCreateOptions } from './options.ts';

/** `backup create`: into one folder, or into each that gets backups by itself and is there. */
export async function createBackup(
  console: Console,
  { to, x25519, ...options }: BackupCreateOptions,
): Promise<void> {
  const given = to === undefined ? undefined : console.absolute(to);
  await withVault(console, options, async (vault) => {
    const { folders, away } = given === undefined ? await foldersOf(vault) : { folders: [given], away: [] };
    const backups: BackupMade[] = [];
    const failed: { folder: string; error: ErrorBody }[] = [];
    for (const folder of folders) {
      const input = { folder, ...(x25519 ? { kind: 'x25519' as const } : {}) };
      try {
        const made = await console.withProgress((tell) =>
          vault.call('backup.create', input, { progress: tell }),
        );
        backups.push(made);
        tellMade(console, made);
      } catch (error) {
        // What one folder can't take, the others may.
        if (folders.length === 1 || !isKeywardError(error) || console.signal.aborted) throw error;
        console.raise(error.code);
        console.explain(error, folder);
        failed.push({ folder, error: error.toBody() });
      }
    }
    for (const path of away)
      console.note(
        `Not there now, so without this backup: ${console.path(path)}. It gets one once it is back.`,
      );
    console.document({ backups, away, failed });
  });
}

/** The folders that get backups by themselves. Throws `Usage` where there are none, and `SourceNotFound` where all are away. */
async function foldersOf(vault: Vault): Promise<{ folders: string[]; away: string[] }> {
  const { folders } = await vault.call('backup.folders', {});
  if (folders.length === 0) throw fail('no-folder-for-backup');
  const paths = (state: 'there' | 'away') =>
    folders.filter((folder) => folder.state === state).map(({ path }) => path);
  const away = paths('away');
  if (away.length === folders.length) {
    throw fail('backup-folders-away', { folders: away });
  }
  return { folders: paths('there'), away };
}

function tellMade(console: Console, made: BackupMade): void {
  console.say(`${console.style.bold('Backup made and read back')}: ${console.path(made.path)}`);
  console.say(
    `${countText(made.keys, 'key')}, ${countText(made.files, 'file')} known, ${sizeText(made.bytes)}. It opens with ${waysText(made.opensWith)}.`,
  );
  if (made.pruned > 0) console.say(`Older ones removed: ${made.pruned}`);
  for (const note of made.notes ?? []) console.note(escapeText(note));
}

/** A vault that was restored by shares alone has not shown its phrase yet, and the other way round. */
function waysText(ways: BackupMade['opensWith']): string {
  if (!ways.includes('shares')) return 'the recovery phrase alone';
  return ways.includes('recovery-phrase') ? 'the recovery phrase or with shares' : 'shares alone';
}
