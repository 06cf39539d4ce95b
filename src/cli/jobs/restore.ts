import { hasVault, resolveHome } from '../../main/home/paths.ts';
import { KeywardError } from '../../shared/errors.ts';
import { countText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { fromEnvironment } from '../secrets/credential.ts';
import { readPhrase } from '../secrets/files.ts';
import { newPassphrase } from '../secrets/new-passphrase.ts';
import { askSecret } from '../secrets/prompt.ts';
import { columns, momentText } from '../text/columns.ts';
import { claimNewHome } from '../vault/claim-new-home.ts';
import { keysOf } from './keys-of-file.ts';
import type { BackupRestoreOptions } from './options.ts';

const WITHOUT = 'Leave the passphrase empty to unlock with the keychain and the recovery phrase only.';

/** `backup restore`: the vault is back, with a new passphrase, where there was none. */
export async function restore(console: Console, given: string, options: BackupRestoreOptions): Promise<void> {
  const home = resolveHome(console.around.env);
  if (hasVault(home)) return (await import('./merge.ts')).mergeBackup(console, given, options);
  requireNoMerge(options);
  const from = console.absolute(given);
  const { restoreVault } = await import('../../main/api/index.ts');
  const keys = options.keyOf === undefined ? undefined : await keysOf(console, options.keyOf);
  const phrase = await phraseFrom(console, options);
  const passphrase = await newPassphrase(console, {
    file: options.passphraseFile ?? fromEnvironment(console),
    option: '--passphrase-file',
    ...(options.keychain === true ? { optional: WITHOUT } : {}),
  });
  try {
    const claim = await claimNewHome(home, console.signal, vaultExists);
    try {
      const made = await restoreVault(claim, {
        ...{ from, phrase },
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

/** The phrase of a backup, from a file or asked for. */
export async function phraseFrom(console: Console, { recoveryFile }: BackupRestoreOptions): Promise<string> {
  if (recoveryFile !== undefined) return readPhrase(console.absolute(recoveryFile), console.signal);
  if (!console.canAsk) {
    throw new KeywardError(
      'Usage',
      'A restore needs the recovery phrase, and there is no terminal to ask on. Give --recovery-file FILE.',
    );
  }
  const { stdin, stderr } = console.around;
  const typed = await askSecret(
    { input: stdin, output: stderr },
    'Recovery phrase, 24 words: ',
    console.signal,
  );
  const phrase = typed.toString();
  typed.fill(0);
  return phrase;
}

function tell(console: Console, home: string, made: Restored): void {
  const { vaultId, account, region, backup, keys, files, protectors, passedOver } = made;
  console.document({
    ...{ home, vaultId, account, region, backup, keys, files },
    protectors: [...protectors],
    passedOver: [...passedOver],
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
  for (const { path, why } of passedOver)
    console.note(`Passed over: ${console.path(path)}: ${escapeText(why)}`);
  console.say();
  console.say('What was changed after that backup is not in it. Next: keyward status');
}

/** What is about a vault that is there can't be meant where there is none. */
function requireNoMerge({ dryRun, take, yes, formerPhrase }: BackupRestoreOptions): void {
  if (!(dryRun || yes || formerPhrase || take !== undefined)) return;
  throw new KeywardError(
    'Usage',
    '--dry-run, --take, --yes and --former-phrase are for merging a backup into a vault, and there is none here. Leave them out, or name the vault with KEYWARD_HOME.',
  );
}

function vaultExists(home: string): KeywardError {
  return new KeywardError(
    'VaultExists',
    `There is a vault at ${home} already, and it was left as it is. Restore into another folder: name one with KEYWARD_HOME.`,
    { home },
  );
}
