import { resolveHome } from '../../main/home/paths.ts';
import { throwAwayPassphrase } from '../../main/home/throw-away.ts';
import type { Credential } from '../../shared/credential.ts';
import { type ErrorCode, fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { shareTexts } from '../../shared/share-texts.ts';
import type { Console } from '../console.ts';
import { readPassphrase, readPhrase } from './files.ts';
import { askSecret, askYes } from './prompt.ts';

/** Where the caller says that the credential comes from. */
export type CredentialOptions = {
  readonly passphraseFile?: string;
  readonly recoveryFile?: string;
  /** Go on also where an older copy of the vault was put in its place. */
  readonly acceptPutBack?: boolean;
  /** Open a damaged vault for rescue though its files are not to be opened without the log. */
  readonly withoutAudit?: boolean;
  readonly shareFile?: readonly string[];
};

/** How often a person is asked for a passphrase. */
export const ATTEMPTS = 3;

/** What the keychain may answer that makes a person being asked the next best thing. */
const KEYCHAIN_FAILED: readonly ErrorCode[] = [
  'KeychainUnavailable',
  'ProtectorMissing',
  'ProtectorDamaged',
  'VaultDamaged',
];

/**
 * Runs `open` with a credential and wipes it afterwards. It comes from, in this order: `--passphrase-file`,
 * `--recovery-file`, `KEYWARD_PASSPHRASE_FILE`, a throw-away vault's own file, the OS keychain where
 * `protectors` (kinds) has it, a prompt. After a keychain that failed or a mistyped passphrase a person is
 * asked again. Throws `VaultLocked` when there is nobody to ask, and what `open` throws.
 */
export async function withCredential<T>(
  console: Console,
  options: CredentialOptions,
  protectors: () => Promise<readonly string[]>,
  open: (credential: Credential) => Promise<T>,
): Promise<T> {
  const use = (credential: Credential) =>
    readPutBack(console, options, credential, (read) => unlogged(console, options, read, open));
  const given = await givenCredential(console, options);
  if (given !== undefined) return wiped(given, use);
  if ((await protectors()).includes('keychain')) {
    try {
      return await use({ kind: 'keychain' });
    } catch (error) {
      if (!console.canAsk || !isKeywardError(error, ...KEYCHAIN_FAILED)) throw error;
      console.explain(error);
    }
  }
  if (!console.canAsk) throw nothingToUnlockWith();
  for (let attempt = 1; ; attempt++) {
    try {
      const bytes = await ask(console, 'Passphrase: ');
      return await wiped({ kind: 'passphrase', bytes }, use);
    } catch (error) {
      if (attempt === ATTEMPTS || !isKeywardError(error, 'WrongPassphrase')) throw error;
      console.note('That is not the passphrase. Try again.');
    }
  }
}

/** Where an older copy of the vault was put in its place, it is opened only once the owner has read so. */
async function readPutBack<T>(
  console: Console,
  { acceptPutBack = false }: CredentialOptions,
  credential: Credential,
  use: (credential: Credential) => Promise<T>,
): Promise<T> {
  try {
    return await use(acceptPutBack ? { ...credential, putBackRead: true } : credential);
  } catch (error) {
    if (!isKeywardError(error, 'VaultPutBack') || !console.canAsk) throw error;
    console.explain(error);
    const { stdin, stderr } = console.around;
    if (!(await askYes({ input: stdin, output: stderr }, 'Go on with it?', console.signal))) throw error;
    return await use({ ...credential, putBackRead: String(error.details['token']) });
  }
}

/** A rescue of which nothing is logged, where that is not to be, is for the owner to ask for. */
async function unlogged<T>(
  console: Console,
  { withoutAudit = false }: CredentialOptions,
  credential: Credential,
  use: (credential: Credential) => Promise<T>,
): Promise<T> {
  try {
    return await use(withoutAudit ? { ...credential, withoutAudit: true } : credential);
  } catch (error) {
    const isRefused = isKeywardError(error, 'AuditUnwritable') && error.details['rescue'] === true;
    if (!isRefused || withoutAudit || !console.canAsk) throw error;
    console.explain(error);
    const { stdin, stderr } = console.around;
    const question = 'Open it for rescue, with nothing in the log?';
    if (!(await askYes({ input: stdin, output: stderr }, question, console.signal))) throw error;
    return await use({ ...credential, withoutAudit: true });
  }
}

async function givenCredential(
  console: Console,
  options: CredentialOptions,
): Promise<Credential | undefined> {
  const given = [options.passphraseFile, options.recoveryFile, options.shareFile];
  if (given.filter((one) => one !== undefined).length > 1) {
    throw fail('one-secret-file');
  }
  if (options.shareFile !== undefined) {
    return { kind: 'shares', shares: await readShares(console, options.shareFile) };
  }
  if (options.recoveryFile !== undefined) {
    return {
      kind: 'recovery-phrase',
      phrase: await readPhrase(console.absolute(options.recoveryFile), console.signal),
    };
  }
  const file =
    options.passphraseFile ??
    fromEnvironment(console) ??
    throwAwayPassphrase(resolveHome(console.around.env));
  if (file === undefined) return undefined;
  return { kind: 'passphrase', bytes: await readPassphrase(console.absolute(file), console.signal) };
}

/** The shares in files, one or several in each. */
export async function readShares(console: Console, files: readonly string[]): Promise<string[]> {
  const texts: string[] = [];
  for (const file of files) texts.push(await readPhrase(console.absolute(file), console.signal));
  return texts.flatMap(shareTexts);
}

/** The file that `KEYWARD_PASSPHRASE_FILE` names; set to nothing it names none. */
export function fromEnvironment(console: Console): string | undefined {
  return console.around.env['KEYWARD_PASSPHRASE_FILE'] || undefined;
}

async function wiped<T>(credential: Credential, use: (credential: Credential) => Promise<T>): Promise<T> {
  try {
    return await use(credential);
  } finally {
    if (credential.kind === 'passphrase') credential.bytes.fill(0);
  }
}

/** Asks for a secret on the terminal; see `askSecret`. */
export function ask(console: Console, question: string): Promise<Buffer> {
  return askSecret({ input: console.around.stdin, output: console.around.stderr }, question, console.signal);
}

function nothingToUnlockWith(): KeywardError {
  return fail('locked-without-terminal');
}
