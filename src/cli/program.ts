import { Command, CommanderError } from 'commander';
import { fail, type KeywardError } from '../shared/errors.ts';
import { escapeText } from '../shared/safe-text.ts';
import { accessCommands } from './commands/access.ts';
import { auditCommands } from './commands/audit.ts';
import { backupCommands } from './commands/backup.ts';
import { demoCommands } from './commands/demo.ts';
import { endpointCommands } from './commands/endpoint.ts';
import { fileCommands } from './commands/files.ts';
import { healthCommands } from './commands/health.ts';
import { jobCommands } from './commands/jobs.ts';
import { keyCommands } from './commands/keys.ts';
import { kmsCommands } from './commands/kms.ts';
import { partialCommands } from './commands/partials.ts';
import { protectorCommands } from './commands/protectors.ts';
import { recoveryCommands } from './commands/recovery.ts';
import { vaultCommands } from './commands/vault.ts';
import type { Runner } from './common-options.ts';
import type { Console } from './console.ts';

const EXAMPLES = `
Examples:
  keyward init                          make a vault
  keyward encrypt Contract.pdf          makes Contract.pdf.keyward beside it
  keyward decrypt Contract.pdf.keyward  and back
  keyward unlock                        ask for the passphrase once, until lock or idle
  keyward tour                          see all of it work in a throw-away vault

The vault lives in the folder KEYWARD_HOME, or where your system keeps application data.
Exit codes: 0 done, 1 failed or cancelled, 2 usage, 3 locked or can't unlock,
4 refused by policy or key state, 5 damaged or not authentic.`;

/** All commands, declared; nothing heavy is loaded before one of them runs. Help goes to `write`. */
export function buildProgram(
  run: Runner,
  version: string,
  write: (text: string) => void = () => undefined,
): Command {
  const program = new Command('keyward')
    .description('A file vault with its own key-management service.')
    .version(version, '-V, --version', 'print the version')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', EXAMPLES);
  vaultCommands(program, run);
  protectorCommands(program, run);
  recoveryCommands(program, run);
  fileCommands(program, run);
  jobCommands(program, run);
  partialCommands(program, run);
  keyCommands(program, run);
  accessCommands(program, run);
  kmsCommands(program, run);
  endpointCommands(program, run);
  auditCommands(program, run);
  backupCommands(program, run);
  demoCommands(program, run);
  healthCommands(program, run);
  helpCommand(program, run);
  for (const command of withAllBelow(program)) {
    command.exitOverride().configureOutput({ writeOut: write, writeErr: () => undefined });
    command.showSuggestionAfterError(true);
  }
  return program;
}

function withAllBelow(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withAllBelow)];
}

/** Declares `help [command...]`, which finds commands of commands too. */
function helpCommand(program: Command, run: Runner): void {
  program
    .command('help')
    .description('show the help of a command')
    .argument('[command...]', 'its words, such as: keys rotate')
    .addHelpText('after', '\nExamples:\n  keyward help keys rotate')
    .action((words: string[]) =>
      run(async () => {
        const { command, path } = commandOf(program, words);
        const over = words[path.length - 1];
        if (over !== undefined) {
          throw fail('no-such-command', { command: [...path, over].join(' '), path: path.join(' ') });
        }
        command.outputHelp();
      }),
    );
}

/** The command that the first of these words name, and its full name in words. */
function commandOf(program: Command, words: readonly string[]): { command: Command; path: string[] } {
  const path = ['keyward'];
  let command = program;
  for (const word of words) {
    const below = command.commands.find((each) => each.name() === word);
    if (below === undefined) break;
    command = below;
    path.push(word);
  }
  return { command, path };
}

function see(path: readonly string[]): string {
  return `See: ${path.join(' ')} --help`;
}

/**
 * Runs the command line `words` (without the program's own name). What it throws ends as words or as the
 * document, and as the face's exit code.
 */
export async function runProgram(console: Console, words: readonly string[], version: string): Promise<void> {
  // Known before parsing, so that a mistake in the words is told as JSON too.
  const own = words.includes('--') ? words.slice(0, words.indexOf('--')) : words;
  console.json = own.includes('--json');
  const program = buildProgram(
    (act) => act(console),
    version,
    (text) => console.around.stdout.write(text),
  );
  console.help = see(commandOf(program, own).path);
  try {
    if (words.length === 0) throw fail('no-command');
    await program.parseAsync([...kmsHelp(words, own)], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) console.fail(error);
    else if (error.exitCode !== 0) console.fail(usageError(error, program, own));
  }
}

/** `kms encrypt --help` asks for the help of the operation, as `kms encrypt help` does. */
function kmsHelp(words: readonly string[], own: readonly string[]): readonly string[] {
  const [kms, operation = '-'] = own;
  const asked = own.includes('--help') || own.includes('-h');
  if (kms !== 'kms' || operation.startsWith('-') || !asked) return words;
  return [kms, operation, 'help', ...own.filter((word) => word === '--json')];
}

/** Commander's complaint in our words. */
function usageError(error: CommanderError, program: Command, words: readonly string[]): KeywardError {
  const { command, path } = commandOf(program, words);
  const subs = command.commands.map((each) => each.name());
  if (error.code === 'commander.help')
    return fail('say-which-command', { commands: subs, path: path.join(' ') });
  const said = escapeText(error.message.replace(/^error: /, '').replaceAll('\n', ' '));
  return fail('words-not-understood', {
    said: `${said.charAt(0).toUpperCase()}${said.slice(1).replace(/\.?$/, '.')}`,
    hint: error.code !== 'commander.unknownOption' ? 'none' : subs.length === 0 ? 'dash' : 'behind',
    path: path.join(' '),
  });
}
