import { Argument, type Command } from 'commander';
import { common, opensVault, type Runner, type VaultOptions } from '../common-options.ts';

/** Declares `kms <operation>`. */
export function kmsCommands(program: Command, run: Runner): void {
  const kms = program
    .command('kms')
    .description('call an operation of AWS KMS on the vault, with the names and options of "aws kms"')
    .addArgument(new Argument('[operation]', 'such as encrypt or create-key; without one they are listed'))
    .addArgument(new Argument('[options...]', 'such as --key-id alias/taxes; "help" lists them'))
    .allowUnknownOption(true)
    .addHelpText(
      'after',
      '\nBytes are given in base64, or as fileb://PATH for the contents of a file; file://PATH is a file with what the\noption itself would take, for --cli-input-json the whole input as JSON. Lists are given as words, maps as\nname=value,name=value, both also as JSON. The answer is the JSON that AWS KMS gives: bytes in base64, dates\nin seconds since 1970, one page of a list. Plaintext goes to standard output with it.',
    )
    .action((operation: string | undefined, words: string[], options: VaultOptions) =>
      run(async (console) => (await import('../jobs/kms.ts')).callKms(console, operation, words, options)),
    );
  common(opensVault(kms), [
    'keyward kms',
    'keyward kms encrypt help',
    'keyward kms create-key --key-spec ECC_NIST_P256 --key-usage SIGN_VERIFY',
    'keyward kms encrypt --key-id alias/my-files --plaintext fileb://note.txt --encryption-context matter=17',
    'keyward kms sign --key-id KEY --message fileb://digest --message-type DIGEST --signing-algorithm ECDSA_SHA_256',
  ]);
}
