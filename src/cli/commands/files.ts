import type { Command } from 'commander';
import { KeywardError } from '../../shared/errors.ts';
import { common, opensVault, type Runner, type VaultOptions } from '../options.ts';

/** Options as the jobs take them. */
export type FileOptions = VaultOptions & { readonly each?: boolean };
export type OutputOptions = FileOptions & { readonly out?: string; readonly overwrite?: boolean };
export type EncryptOptions = OutputOptions & {
  readonly key?: string;
  readonly context?: { readonly [name: string]: string };
};
export type DecryptOptions = OutputOptions & { readonly buffered?: boolean };
export type RewrapOptions = FileOptions & { readonly key?: string };

const EACH = ['--each', 'work on every file in a folder, one by one'] as const;

/** Declares `encrypt`, `decrypt`, `verify`, `rewrap` and `inspect`. */
export function fileCommands(program: Command, run: Runner): void {
  const encrypt = program
    .command('encrypt')
    .description('encrypt files; each goes beside its source as <name>.keyward, the source stays as it is')
    .argument('<path...>', 'files to encrypt, or - for standard input to standard output')
    .option('-k, --key <key>', 'alias, id or ARN of the key (default: the setting default-key)')
    .option('-c, --context <name=value>', 'encryption context, in clear in the file; repeatable', pair)
    .action((paths: string[], options: EncryptOptions) =>
      run(async (face) => {
        if (isPipe(paths, options)) await (await import('../jobs/pipes.ts')).encryptPipe(face, options);
        else await (await import('../jobs/files.ts')).encryptFiles(face, paths, options);
      }),
    );
  common(opensVault(withOutput(encrypt)), [
    'keyward encrypt Contract.pdf',
    'keyward encrypt --key alias/taxes --context year=2026 Return.pdf Receipts.pdf',
    'keyward encrypt --each --out /mnt/backup Documents',
    'tar c Documents | keyward encrypt - > documents.tar.keyward',
    'keyward encrypt -- -name-with-a-dash.txt',
  ]);

  const decrypt = program
    .command('decrypt')
    .description('decrypt files; each goes beside its source under its original name')
    .argument('<path...>', 'files to decrypt, or - for standard input to standard output')
    .option('--buffered', 'with -: give nothing before all of the input has been verified')
    .addHelpText(
      'after',
      '\nWith -, bytes are passed on as soon as they are verified. If the command then ends with an exit\ncode other than 0 (5 for a damaged file), discard what it has written: the end is missing.',
    )
    .action((paths: string[], options: DecryptOptions) =>
      run(async (face) => {
        if (isPipe(paths, options)) return (await import('../jobs/pipes.ts')).decryptPipe(face, options);
        if (options.buffered === true) {
          throw new KeywardError(
            'Usage',
            '--buffered is for pipes; files always appear only when they are whole.',
          );
        }
        return (await import('../jobs/files.ts')).decryptFiles(face, paths, options);
      }),
    );
  common(opensVault(withOutput(decrypt)), [
    'keyward decrypt Contract.pdf.keyward',
    'keyward decrypt --out /tmp/review --each Documents',
    'keyward decrypt - < documents.tar.keyward | tar x',
    'keyward decrypt --buffered - < notes.txt.keyward | mail -s Notes me@example.org',
  ]);

  const verify = program
    .command('verify')
    .description('check that encrypted files are whole and authentic, without writing anything')
    .argument('<path...>', 'files to verify')
    .option(...EACH)
    .action((paths: string[], options: FileOptions) =>
      run(async (face) => (await import('../jobs/files.ts')).verifyFiles(face, noPipe(paths), options)),
    );
  common(opensVault(verify), [
    'keyward verify Contract.pdf.keyward',
    'keyward verify --each --json Documents',
  ]);

  const rewrap = program
    .command('rewrap')
    .description("wrap files' data keys anew under a key's current version; the bodies stay as they are")
    .argument('<path...>', 'encrypted files')
    .option('-k, --key <key>', 'move the files to this key (default: each stays with its own)')
    .option(...EACH)
    .action((paths: string[], options: RewrapOptions) =>
      run(async (face) => (await import('../jobs/files.ts')).rewrapFiles(face, noPipe(paths), options)),
    );
  common(opensVault(rewrap), [
    'keyward keys rotate alias/my-files && keyward rewrap --each Documents',
    'keyward rewrap --key alias/taxes Return.pdf.keyward',
  ]);

  const inspect = program
    .command('inspect')
    .description('show what a file says of itself: key, version, context, sizes. Needs no key')
    .argument('<path>', 'an encrypted file')
    .action((path: string) =>
      run(async (face) => {
        noPipe([path]);
        await (await import('../jobs/inspect.ts')).inspect(face, path);
      }),
    );
  common(inspect, ['keyward inspect Contract.pdf.keyward', 'keyward inspect --json Contract.pdf.keyward']);
}

function withOutput(command: Command): Command {
  return command
    .option('-o, --out <path>', 'where the output goes: a folder, or for one file its name')
    .option('--overwrite', 'replace a file that has the name of the output')
    .option(...EACH);
}

/** Adds one `name=value` to the context. */
function pair(
  text: string,
  before: { readonly [name: string]: string } | undefined,
): { readonly [name: string]: string } {
  const at = text.indexOf('=');
  const name = text.slice(0, at);
  if (at < 1) throw new KeywardError('Usage', `--context takes name=value, and "${text}" is not that.`);
  // Lost on its way through objects; better refused than dropped.
  if (name === '__proto__') throw new KeywardError('Usage', 'The context name "__proto__" is not allowed.');
  if (before !== undefined && Object.hasOwn(before, name)) {
    throw new KeywardError('Usage', `The context name "${name}" was given twice.`);
  }
  return { ...before, [name]: text.slice(at + 1) };
}

/** True for `-` alone. Throws `Usage` for `-` among files or with options that make no sense for a pipe. */
function isPipe(paths: readonly string[], options: OutputOptions): boolean {
  if (!paths.includes('-')) {
    if (options.out === '-')
      throw new KeywardError('Usage', 'For a pipe give - as the path, not with --out.');
    return false;
  }
  if (paths.length > 1) {
    throw new KeywardError('Usage', 'Give - alone. A file that is really called - is ./-');
  }
  if (options.json || options.each || options.overwrite || options.out !== undefined) {
    throw new KeywardError(
      'Usage',
      'With - the output goes to standard output: no --out, --each, --overwrite or --json.',
    );
  }
  return true;
}

function noPipe(paths: readonly string[]): readonly string[] {
  if (!paths.includes('-')) return paths;
  throw new KeywardError(
    'Usage',
    'This command works on files, not on pipes. A file that is really called - is ./-',
  );
}
