import { type Command, Option } from 'commander';
import { fail } from '../../shared/errors.ts';
import { common, opensVault, type Runner } from '../common-options.ts';
import type {
  DecryptOptions,
  EncryptOptions,
  OutputOptions,
  ReencryptOptions,
  RewrapOptions,
  VerifyOptions,
} from '../jobs/options.ts';
import { byteRange, keyReference, pair, versionId } from '../option-parsers.ts';

const EACH = ['--each', 'work on every file in a folder, one by one'] as const;
const VERBOSE = ['--verbose', 'a line for each file, not for each outcome'] as const;

/** Declares the commands on files. */
export function fileCommands(program: Command, run: Runner): void {
  const encrypt = program
    .command('encrypt')
    .description('encrypt files; each goes beside its source as <name>.keyward, the source stays as it is')
    .argument('<path...>', 'files to encrypt, or - for standard input to standard output')
    .option('-k, --key <key>', 'alias, id or ARN of the key (default: the setting default-key)', keyReference)
    .option(
      '-c, --context <name=value>',
      'encryption context, in clear in the file; repeatable',
      pair('--context'),
    )
    .addOption(
      new Option('--format <format>', "keyward, or aws: a message that AWS's Encryption SDK reads").choices([
        'keyward',
        'aws',
      ]),
    )
    .addOption(
      new Option('--suite <suite>', 'with --format aws: 0478, or 0578 to sign as well').choices([
        '0478',
        '0578',
      ]),
    )
    .addHelpText(
      'after',
      '\nA native file keeps name, times and permissions sealed inside. An AWS message has no place for them:\nits file is named after the source, and times and permissions are not kept.',
    )
    .action((paths: string[], options: EncryptOptions) =>
      run(async (console) => {
        if (options.suite !== undefined && options.format !== 'aws') throw fail('suite-without-aws');
        if (isPipe(paths, options)) await (await import('../jobs/pipes.ts')).encryptPipe(console, options);
        else await (await import('../jobs/files.ts')).encryptFiles(console, paths, options);
      }),
    );
  common(opensVault(withOutput(encrypt)), [
    'keyward encrypt Contract.pdf',
    'keyward encrypt --key alias/taxes --context year=2026 Return.pdf Receipts.pdf',
    'keyward encrypt --each --out /mnt/backup Documents',
    'keyward encrypt --each --skip-existing --out /mnt/backup Documents',
    'keyward encrypt --format aws --context department=tax Return.pdf',
    'tar c Documents | keyward encrypt - > documents.tar.keyward',
    'tar c Documents | keyward encrypt --format aws - > documents.tar.esdk',
    'keyward encrypt -- -name-with-a-dash.txt',
  ]);

  const decrypt = program
    .command('decrypt')
    .description('decrypt files; each goes beside its source under its original name')
    .argument('<path...>', 'files to decrypt, or - for standard input to standard output')
    .option('--buffered', 'with -: give nothing before all of the input has been verified')
    .option(
      '--range <first-last>',
      'only these bytes, counted from 0, the last included; to standard output or --out. Open end: 100-',
      byteRange('--range'),
    )
    .option('--keyring <file>', "other people's keys for AWS messages, as JSON; see docs/format.md")
    .option('--salvage', 'recover what is whole of a damaged file into <name>.salvaged')
    .addHelpText(
      'after',
      '\nWith -, bytes are passed on as soon as they are verified. If the command then ends with an exit\ncode other than 0 (5 for a damaged file), discard what it has written: the end is missing.',
    )
    .action((paths: string[], options: DecryptOptions) =>
      run(async (console) => {
        refuseMixed(paths, options);
        if (isPipe(paths, options)) return (await import('../jobs/pipes.ts')).decryptPipe(console, options);
        if (options.range !== undefined && options.out === undefined) {
          return (await import('../jobs/pipes.ts')).decryptRange(
            console,
            paths[0] ?? '',
            options.range,
            options,
          );
        }
        if (options.buffered === true) {
          throw fail('buffered-without-pipe');
        }
        return (await import('../jobs/files.ts')).decryptFiles(console, paths, options);
      }),
    );
  common(opensVault(withOutput(decrypt)), [
    'keyward decrypt Contract.pdf.keyward',
    'keyward decrypt --out /tmp/review --each Documents',
    'keyward decrypt - < documents.tar.keyward | tar x',
    'keyward decrypt --buffered - < notes.txt.keyward | mail -s Notes me@example.org',
    'keyward decrypt --range 0-1023 disk.img.keyward | file -',
    'keyward decrypt --salvage Thesis.docx.keyward',
  ]);

  const verify = program
    .command('verify')
    .description('check that encrypted files are whole and authentic, without writing anything')
    .argument('<path...>', 'files to verify')
    .option('--keyring <file>', "other people's keys for AWS messages, as JSON; see docs/format.md")
    .option('--quick', 'look at header, length and end of each file only')
    .option(...EACH)
    .option(...VERBOSE)
    .action((paths: string[], options: VerifyOptions) =>
      run(async (console) => (await import('../jobs/files.ts')).verifyFiles(console, noPipe(paths), options)),
    );
  common(opensVault(verify), [
    'keyward verify Contract.pdf.keyward',
    'keyward verify --each --json Documents',
    'keyward verify --quick --each /mnt/backup',
  ]);

  const rewrap = program
    .command('rewrap')
    .description("wrap files' data keys anew under a key's current version; the bodies stay as they are")
    .argument('<path...>', 'encrypted files')
    .option('-k, --key <key>', 'move the files to this key (default: each stays with its own)', keyReference)
    .option(
      '--from-version <id>',
      'only files under this version of a key; see: keyward keys describe',
      versionId('--from-version', 8),
    )
    .option('--skip-existing', "pass over files that are under the key's current version already")
    .option(...EACH)
    .option(...VERBOSE)
    .action((paths: string[], options: RewrapOptions) =>
      run(async (console) => (await import('../jobs/files.ts')).rewrapFiles(console, noPipe(paths), options)),
    );
  common(opensVault(rewrap), [
    'keyward keys rotate alias/my-files && keyward rewrap --each Documents',
    'keyward rewrap --key alias/taxes Return.pdf.keyward',
    'keyward rewrap --each --from-version 3f2a9c41 /mnt/backup',
  ]);

  const reencrypt = program
    .command('reencrypt')
    .description('replace encrypted files by new ones with fresh data keys, after a key was compromised')
    .argument('<path...>', 'encrypted files')
    .option('-k, --key <key>', 'encrypt under this key (default: each stays with its own)', keyReference)
    .option(...EACH)
    .option(...VERBOSE)
    .addHelpText(
      'after',
      '\nA rewrap changes how the data key is wrapped; who has the data key itself can still open the file.\nThis makes a new data key. Copies of the old file elsewhere stay as they are.',
    )
    .action((paths: string[], options: ReencryptOptions) =>
      run(async (console) =>
        (await import('../jobs/files.ts')).reencryptFiles(console, noPipe(paths), options),
      ),
    );
  common(opensVault(reencrypt), ['keyward keys rotate alias/my-files && keyward reencrypt --each Documents']);

  const inspect = program
    .command('inspect')
    .description('show what a file says of itself: key, version, context, sizes. Needs no key')
    .argument('<path>', 'an encrypted file')
    .action((path: string) =>
      run(async (console) => {
        noPipe([path]);
        await (await import('../jobs/inspect.ts')).inspect(console, path);
      }),
    );
  common(inspect, ['keyward inspect Contract.pdf.keyward', 'keyward inspect --json Contract.pdf.keyward']);
}

function withOutput(command: Command): Command {
  return command
    .option('-o, --out <path>', 'where the output goes: a folder, or for one file its name')
    .option('--overwrite', 'replace a file that has the name of the output')
    .option(
      '--skip-existing',
      'pass over files whose output is there; with --overwrite, only those that are up to date',
    )
    .option(...EACH)
    .option(...VERBOSE);
}

/** Throws `Usage` for options of `decrypt` that contradict each other. */
function refuseMixed(paths: readonly string[], options: DecryptOptions): void {
  const { range, salvage, each, json, out } = options;
  const pipe = paths.includes('-');
  if (range !== undefined && (paths.length > 1 || pipe || each === true || salvage === true)) {
    throw fail('range-of-many');
  }
  if (range !== undefined && out === undefined && json === true) {
    throw fail('range-without-out-and-json');
  }
  if (salvage === true && pipe) throw fail('salvage-of-a-pipe');
}

/** True for `-` alone. Throws `Usage` for `-` among files or with options that make no sense for a pipe. */
function isPipe(paths: readonly string[], options: OutputOptions): boolean {
  if (!paths.includes('-')) {
    if (options.out === '-') throw fail('pipe-with-out');
    return false;
  }
  if (paths.length > 1) {
    throw fail('pipe-with-paths');
  }
  const { json, each, overwrite, skipExisting, verbose, out } = options;
  if (json || each || overwrite || skipExisting || verbose || out !== undefined) {
    throw fail('pipe-with-options');
  }
  return true;
}

function noPipe(paths: readonly string[]): readonly string[] {
  if (!paths.includes('-')) return paths;
  throw fail('pipe-not-possible');
}
