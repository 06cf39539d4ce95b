import { hasVault, resolveHome } from '../../main/home/paths.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import type { Console } from '../console.ts';
import { keyName } from '../key-names.ts';
import { fromEnvironment } from '../secrets/credential.ts';
import { phraseLines, SecretFile } from '../secrets/files.ts';
import { newPassphrase } from '../secrets/new-passphrase.ts';
import { sayPhrase } from '../secrets/phrase.ts';
import { columns } from '../text/columns.ts';
import { claimNewHome } from '../vault/claim-new-home.ts';
import type { InitCommandOptions } from './options.ts';

const WITHOUT = 'Leave the passphrase empty to unlock with the keychain and the recovery phrase only.';

/** `init`: a new vault. */
export async function init(console: Console, options: InitCommandOptions): Promise<void> {
  const home = resolveHome(console.around.env);
  if (hasVault(home)) throw vaultExists(home);
  if (options.recoveryFile === undefined && (console.json || console.around.stdout.isTTY !== true)) {
    throw fail('recovery-phrase-needs-terminal', { option: '--recovery-file' });
  }
  const { initVault } = await import('../../main/api/index.ts');
  const path = options.recoveryFile === undefined ? undefined : console.absolute(options.recoveryFile);
  const passphrase = await newPassphrase(console, {
    file: options.passphraseFile ?? fromEnvironment(console),
    option: '--passphrase-file',
    // A vault to throw away guards nothing.
    weak: options.weakPassphrase === true || options.throwAway === true,
    ...(options.keychain === true ? { optional: WITHOUT } : {}),
  });
  let file: SecretFile | undefined;
  try {
    file = path === undefined ? undefined : await SecretFile.make(path, home, '--recovery-file');
    const claim = await claimNewHome(home, console.signal, vaultExists);
    try {
      const made = await initVault(claim, {
        throwAway: options.throwAway === true,
        keychain: options.keychain === true,
        ...(options.account === undefined ? {} : { account: options.account }),
        ...(options.region === undefined ? {} : { region: options.region }),
        ...(passphrase === undefined ? {} : { passphrase }),
        keepPhrase: async (phrase) => file?.write(phraseLines(phrase)),
      });
      file = undefined;
      tell(console, home, made, path);
    } finally {
      await claim.release();
    }
  } finally {
    passphrase?.fill(0);
    await file?.remove().catch(() => undefined);
  }
}

type Made = Awaited<ReturnType<typeof import('../../main/api/index.ts')['initVault']>>;

function tell(console: Console, home: string, made: Made, path: string | undefined): void {
  const { vaultId, account, region, defaultKey, protectors, phrase } = made;
  console.document({
    home,
    vaultId,
    account,
    region,
    defaultKey,
    protectors: [...protectors],
    recoveryFile: path ?? null,
  });
  if (console.json) return;
  console.say(`${console.style.bold('Your vault is made')} at ${console.path(home)}`);
  console.say();
  const rows = [
    ['Unlocks with', protectors.map((kind) => kind.replace('-', ' ')).join(', ')],
    ['First key', keyName(defaultKey)],
    ['Account', `${account}, region ${region}`],
  ];
  for (const line of columns(rows)) console.say(`  ${line}`);
  console.say();
  if (path === undefined) sayPhrase(console, phrase);
  else {
    console.say(`The recovery phrase is in ${console.path(path)}`);
    console.say('Move it off this machine: whoever has it can open the vault.');
  }
  console.say();
  console.say('Next: keyward encrypt FILE');
}

function vaultExists(home: string): KeywardError {
  return fail('init-over-a-vault', { home });
}
