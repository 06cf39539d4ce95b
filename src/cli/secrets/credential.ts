import { resolveHome } from '../../main/api/home.ts';
import { throwAwayPassphrase } from '../../main/api/throw-away.ts';
import { type ErrorCode, isKeywardError, KeywardError } from '../../shared/errors.ts';
import type { Face } from '../face.ts';
import { readPassphrase, readPhrase } from './files.ts';
import { askSecret } from './prompt.ts';

/** What unlocks a vault, as the api room takes it. */
export type Credential =
  | { readonly kind: 'passphrase'; readonly bytes: Buffer }
  | { readonly kind: 'recovery-phrase'; readonly phrase: string }
  | { readonly kind: 'keychain' };

/** Where the caller says that the credential comes from. */
export type CredentialOptions = { readonly passphraseFile?: string; readonly recoveryFile?: string };

/** How often a person is asked for a passphrase. */
const ATTEMPTS = 3;

/** What the keychain may answer that makes a person being asked the next best thing. */
const KEYCHAIN_FAILED: readonly ErrorCode[] = ['KeychainUnavailable', 'ProtectorMissing', 'ProtectorDamaged'];

/**
 * Runs `use` with a credential and wipes it afterwards. It comes from, in this order: `--passphrase-file`,
 * `--recovery-file`, `KEYWARD_PASSPHRASE_FILE`, a throw-away vault's own file, the OS keychain where
 * `protectors` (kinds) has it, a prompt. After a keychain that failed or a mistyped passphrase a person is
 * asked again. Throws `VaultLocked` when there is nobody to ask, and what `use` throws.
 */
export async function withCredential<T>(
  face: Face,
  options: CredentialOptions,
  protectors: () => Promise<readonly string[]>,
  use: (credential: Credential) => Promise<T>,
): Promise<T> {
  const given = await givenCredential(face, options);
  if (given !== undefined) return wiped(given, use);
  if ((await protectors()).includes('keychain')) {
    try {
      return await use({ kind: 'keychain' });
    } catch (error) {
      if (!face.canAsk || !isKeywardError(error, ...KEYCHAIN_FAILED)) throw error;
      face.explain(error);
    }
  }
  if (!face.canAsk) throw nothingToUnlockWith();
  for (let attempt = 1; ; attempt++) {
    try {
      const bytes = await ask(face, 'Passphrase: ');
      return await wiped({ kind: 'passphrase', bytes }, use);
    } catch (error) {
      if (attempt === ATTEMPTS || !isKeywardError(error, 'WrongPassphrase')) throw error;
      face.note('That is not the passphrase. Try again.');
    }
  }
}

/**
 * The passphrase of a new vault: from a file, or asked for twice (pitfall 34). `undefined` where none is
 * given and `optional` allows that. The caller wipes it.
 */
export async function newPassphrase(
  face: Face,
  options: CredentialOptions,
  optional: boolean,
): Promise<Buffer | undefined> {
  const file = options.passphraseFile ?? fromEnvironment(face);
  if (file !== undefined) return readPassphrase(face.absolute(file));
  if (!face.canAsk) {
    if (optional) return undefined;
    throw new KeywardError(
      'Usage',
      'A new vault needs a passphrase, and there is no terminal to ask on. Give --passphrase-file FILE.',
    );
  }
  if (optional)
    face.note('Leave the passphrase empty to unlock with the keychain and the recovery phrase only.');
  for (let attempt = 1; ; attempt++) {
    const first = await ask(face, 'New passphrase: ');
    if (first.length === 0 && optional) return undefined;
    const again = await ask(face, 'The same again: ');
    const same = first.equals(again);
    again.fill(0);
    if (same && first.length > 0) return first;
    first.fill(0);
    if (attempt === ATTEMPTS) {
      throw new KeywardError('Usage', 'No passphrase was set, so no vault was made. Try again.');
    }
    face.note(same ? 'A passphrase needs at least one character.' : 'The two differ. Try again.');
  }
}

async function givenCredential(face: Face, options: CredentialOptions): Promise<Credential | undefined> {
  if (options.passphraseFile !== undefined && options.recoveryFile !== undefined) {
    throw new KeywardError('Usage', 'Give --passphrase-file or --recovery-file, not both.');
  }
  if (options.recoveryFile !== undefined) {
    return { kind: 'recovery-phrase', phrase: await readPhrase(face.absolute(options.recoveryFile)) };
  }
  const file =
    options.passphraseFile ?? fromEnvironment(face) ?? throwAwayPassphrase(resolveHome(face.around.env));
  if (file === undefined) return undefined;
  return { kind: 'passphrase', bytes: await readPassphrase(face.absolute(file)) };
}

/** The file that `KEYWARD_PASSPHRASE_FILE` names; set to nothing it names none. */
function fromEnvironment(face: Face): string | undefined {
  return face.around.env['KEYWARD_PASSPHRASE_FILE'] || undefined;
}

async function wiped<T>(credential: Credential, use: (credential: Credential) => Promise<T>): Promise<T> {
  try {
    return await use(credential);
  } finally {
    if (credential.kind === 'passphrase') credential.bytes.fill(0);
  }
}

function ask(face: Face, question: string): Promise<Buffer> {
  return askSecret({ input: face.around.stdin, output: face.around.stderr }, question);
}

function nothingToUnlockWith(): KeywardError {
  return new KeywardError(
    'VaultLocked',
    'The vault is locked, and there is no terminal to ask for the passphrase on. Run keyward unlock in a terminal first, or give --passphrase-file FILE or KEYWARD_PASSPHRASE_FILE.',
  );
}
