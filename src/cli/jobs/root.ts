import type { Input, Output } from '../../shared/contract.ts';
import { countText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { newPassphrase } from '../secrets/new-passphrase.ts';
import { requireNewPhraseShown, withNewPhrase } from '../secrets/new-phrase.ts';
import { withReauthentication } from '../secrets/reauthentication.ts';
import { withVault } from '../vault/access.ts';
import type { NewProtectorOptions } from './options.ts';

type Kind = Input<'protectors.revoke'>['kind'];
type Secret = NonNullable<Input<'protectors.revoke'>['secret']>;

/** `root rotate` */
export async function rotateRoot(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, (vault) =>
    withReauthentication(console, options, async (credential) => {
      const done = await vault.call('root.rotate', { credential });
      console.document({ ...done });
      console.say('The vault has a new root key, and is locked.');
      tell(console, done);
      console.note('Copies of the vault and backups made before still open as they did.');
    }),
  );
}

/** `protectors revoke KIND` */
export async function revokeProtector(
  console: Console,
  kind: Kind,
  options: NewProtectorOptions,
): Promise<void> {
  if (kind === 'recovery-phrase') requireNewPhraseShown(console, options.newRecoveryFile);
  await withVault(console, options, async (vault) => {
    const revoke = (secret: Secret | undefined) =>
      withReauthentication(console, options, async (credential) => {
        const done = await vault.call('protectors.revoke', {
          kind,
          credential,
          ...(secret === undefined ? {} : { secret }),
        });
        told(console, kind, done, options);
      });
    if (kind === 'recovery-phrase')
      return withNewPhrase(console, vault, options.newRecoveryFile, (phrase) => revoke({ kind, phrase }));
    if (kind !== 'passphrase') return revoke(undefined);
    const bytes = await newPassphrase(console, {
      file: options.newPassphraseFile,
      option: '--new-passphrase-file',
      weak: options.weakPassphrase,
    });
    try {
      await revoke({ kind, bytes: (bytes ?? Buffer.alloc(0)).toString('base64') });
    } finally {
      bytes?.fill(0);
    }
  });
}

function told(
  console: Console,
  kind: Kind,
  done: Output<'protectors.revoke'>,
  { newRecoveryFile }: NewProtectorOptions,
): void {
  const recoveryFile = newRecoveryFile === undefined ? null : console.absolute(newRecoveryFile);
  console.document({ ...done, recoveryFile });
  console.say(`Revoked: the ${kind.replace('-', ' ')}. The vault has a new root key, and is locked.`);
  console.say(
    `${countText(done.rotated, 'key')} got a new version; files that are encrypted from now on are under it.`,
  );
  for (const { key, why } of done.unrotated)
    console.say(`No new version: ${escapeText(key)}: ${escapeText(why)}`);
  if (done.deleted > 0)
    console.say(`${countText(done.deleted, 'old backup')} removed where a new one stands.`);
  tell(console, done);
  console.note(
    'What leaked still opens copies of the vault and backups made before, and every file that was encrypted until now, for whoever has them. Encrypt anew what matters: keyward reencrypt --each FOLDER',
  );
}

function tell(console: Console, { removed, backups, unreached }: Output<'root.rotate'>): void {
  for (const path of backups) console.say(`New backup: ${console.path(path)}`);
  for (const { kind, why } of removed) {
    console.say(`No longer a way in: the ${kind.replace('-', ' ')} (${escapeText(why)}).`);
    const again = AGAIN[kind];
    if (again !== undefined) console.note(`Set it anew: ${again}`);
  }
  for (const { path, why } of unreached)
    console.say(`Not renewed: backups in ${console.path(path)} (${escapeText(why)}).`);
}

const AGAIN: { readonly [kind: string]: string } = {
  passphrase: 'keyward passphrase change --recovery-file FILE',
  keychain: 'keyward protectors add keychain',
  'recovery-phrase': 'keyward protectors add recovery-phrase',
  shares: 'keyward recovery split --shares 5 --threshold 3 --out FILE',
};
