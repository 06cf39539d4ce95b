import { type Command, Option } from 'commander';
import { ROLES, type Role } from '../shared/roles.ts';
import type { Console } from './console.ts';
import type { CredentialOptions } from './secrets/credential.ts';

/** What every command that opens the vault takes. */
export type VaultOptions = CredentialOptions & { readonly json?: boolean; readonly as?: Role };

/** Declares a command's commons: `--json` and examples below its help. */
export function common(command: Command, examples: readonly string[]): Command {
  return command
    .option('--json', 'print one JSON document on standard output instead of words')
    .addHelpText('after', `\nExamples:\n${examples.map((line) => `  ${line}`).join('\n')}`);
}

/** Declares how a command may unlock the vault if no other process holds it, or show who its owner is. */
export function unlocks(command: Command): Command {
  return command
    .option('--passphrase-file <file>', 'read the passphrase from a file (also: KEYWARD_PASSPHRASE_FILE)')
    .option('--recovery-file <file>', 'unlock with the 24 words in a file instead of the passphrase')
    .option('--share-file <files...>', 'unlock with the shares of a set in files instead of the passphrase');
}

/** Declares the flag of a command that takes a new passphrase where nobody can be asked whether a weak one is meant. */
export function takesNewPassphrase(command: Command): Command {
  return command.option('--weak-passphrase', 'take the new passphrase even if it is weak');
}

/** As `unlocks`, for a command that works with the vault and may do so as a role. */
export function opensVault(command: Command): Command {
  return unlocks(command).addOption(
    new Option('--as <role>', 'do no more than this role may').choices([...ROLES]),
  );
}

/** What runs a command: it may throw, and tells results over the face. */
export type Runner = (act: (console: Console) => Promise<void>) => Promise<void>;
