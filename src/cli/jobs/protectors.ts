import type { Input } from '../../shared/contract.ts';
import { fail } from '../../shared/errors.ts';
import type { Protector, ProtectorKind } from '../../shared/protector-contract.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { ask } from '../secrets/credential.ts';
import { newPassphrase } from '../secrets/new-passphrase.ts';
import { requireNewPhraseShown, withNewPhrase } from '../secrets/new-phrase.ts';
import { withReauthentication } from '../secrets/reauthentication.ts';
import { columns, momentText } from '../text/columns.ts';
import { withVault } from '../vault/access.ts';
import type { Vault } from '../vault/vault.ts';
import type { NewProtectorOptions } from './options.ts';

type How = Input<'protectors.set'>['how'];
type Secret = Input<'protectors.set'>['secret'];

/** `protectors list` */
export async function listProtectors(console: Console, options: VaultOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { protectors } = await vault.call('protectors.list', {});
    console.document({ protectors });
    for (const line of columns(protectors.map(rowOf))) console.say(line);
  });
}

/** `protectors add KIND` and `replace KIND` */
export async function setProtector(
  console: Console,
  how: How,
  kind: ProtectorKind,
  options: NewProtectorOptions,
): Promise<void> {
  requireOptions(console, kind, options);
  await withVault(console, options, (vault) => setIn(console, vault, how, kind, options));
}

/** `passphrase change`: the passphrase in place of the one that there is, if there is one. */
export async function changePassphrase(console: Console, options: NewProtectorOptions): Promise<void> {
  await withVault(console, options, async (vault) => {
    const { protectors } = await vault.call('protectors.list', {});
    const how = protectors.some(({ kind }) => kind === 'passphrase') ? 'replace' : 'add';
    await setIn(console, vault, how, 'passphrase', options);
  });
}

/** `passphrase generate`: a line of words on standard output, for a person or a file. */
export async function generatePassphrase(console: Console): Promise<void> {
  const { generatedPassphrase } = await import('../../main/api/without-session.ts');
  const words = generatedPassphrase();
  const passphrase = words.toString();
  words.fill(0);
  console.document({ passphrase, bits: 66 });
  console.say(passphrase);
  console.note('Six words of a list of 2,048, at random: 66 bits.');
}

/** `protectors remove KIND` */
export async function removeProtector(
  console: Console,
  kind: ProtectorKind,
  options: VaultOptions,
): Promise<void> {
  await withVault(console, options, async (vault) => {
    const remove = async (credential: Input<'protectors.remove'>['credential']) => {
      const { protectors } = await vault.call('protectors.remove', { kind, credential });
      console.document({ protectors });
      console.say(`Removed: the ${WORDS[kind]}.`);
      console.note(OLD_COPIES[kind]);
    };
    // What stays is what must be shown, and a phrase is usually on paper.
    if (kind !== 'passphrase' || options.recoveryFile !== undefined || !console.canAsk) {
      await withReauthentication(console, options, remove);
      return;
    }
    const typed = await ask(console, 'Recovery phrase, all 24 words: ');
    try {
      await remove({ kind: 'recovery-phrase', phrase: typed.toString('utf8') });
    } finally {
      typed.fill(0);
    }
  });
}

async function setIn(
  console: Console,
  vault: Vault,
  how: How,
  kind: ProtectorKind,
  options: NewProtectorOptions,
): Promise<void> {
  const set = (secret: Secret) =>
    withReauthentication(console, options, async (credential) => {
      const { protectors } = await vault.call('protectors.set', { how, secret, credential });
      tell(console, how, kind, protectors, options);
    });
  if (kind === 'keychain') return set({ kind });
  if (kind === 'recovery-phrase')
    return withNewPhrase(console, vault, options.newRecoveryFile, (phrase) => set({ kind, phrase }));
  const bytes = await newPassphrase(console, {
    file: options.newPassphraseFile,
    option: '--new-passphrase-file',
    weak: options.weakPassphrase,
  });
  try {
    await set({ kind, bytes: (bytes ?? Buffer.alloc(0)).toString('base64') });
  } finally {
    bytes?.fill(0);
  }
}

/** Refuses what would only be found out after the passphrase was asked for. */
function requireOptions(console: Console, kind: ProtectorKind, options: NewProtectorOptions): void {
  const { newPassphraseFile, newRecoveryFile } = options;
  if (newPassphraseFile !== undefined && kind !== 'passphrase') {
    throw fail('new-passphrase-file-misplaced', { kind });
  }
  if (newRecoveryFile !== undefined && kind !== 'recovery-phrase') {
    throw fail('new-recovery-file-misplaced', { kind });
  }
  if (kind === 'recovery-phrase') requireNewPhraseShown(console, newRecoveryFile);
}

function tell(
  console: Console,
  how: How,
  kind: ProtectorKind,
  protectors: readonly Protector[],
  { newRecoveryFile }: NewProtectorOptions,
): void {
  const path = newRecoveryFile === undefined ? undefined : console.absolute(newRecoveryFile);
  console.document({ protectors: [...protectors], recoveryFile: path ?? null });
  console.say(
    `${how === 'add' ? 'Added' : 'Replaced'}: the ${WORDS[kind]}. It was tried and opens the vault.`,
  );
  if (path !== undefined) {
    console.say(`The recovery phrase is in ${console.path(path)}`);
    console.say('Move it off this machine: whoever has it can open the vault.');
  }
  if (how === 'replace') console.note(OLD_COPIES[kind]);
}

/** What replacing and removing do not do. */
const OLD_COPIES: { readonly [K in ProtectorKind]: string } = {
  passphrase:
    'Copies of the vault made before still open with the old passphrase. If it has leaked, this does not revoke it: rotate the keys and re-encrypt what matters.',
  'recovery-phrase':
    'Copies of the vault and backups made before still open with the old phrase, so keep or destroy its paper with them. If it has leaked, this does not revoke it: rotate the keys and re-encrypt what matters.',
  keychain: 'Copies of the vault made before still open with what a copy of the keychain holds.',
};

const WORDS = {
  passphrase: 'passphrase',
  'recovery-phrase': 'recovery phrase',
  keychain: 'keychain entry',
} as const;

function rowOf({ kind, createdAt, id }: Protector): readonly string[] {
  return [kind.replace('-', ' '), `since ${momentText(createdAt)}`, id];
}
