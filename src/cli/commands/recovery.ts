import type { Command } from 'commander';
import { common, opensVault, type Runner, type VaultOptions } from '../common-options.ts';
import type { KitOptions, SplitOptions } from '../jobs/options.ts';
import { wholeNumber } from '../option-parsers.ts';

/** Declares `recovery kit|split|unsplit|drill` and `root rotate`. */
export function recoveryCommands(program: Command, run: Runner): void {
  const recovery = program
    .command('recovery')
    .description(
      'print what brings the vault back, the recovery kit and shares of a secret, and try that it does',
    );

  const kit = recovery
    .command('kit')
    .description('write the recovery kit, one page to print, as HTML')
    .requiredOption('-o, --out <file>', 'the new file; with the phrase it is a secret')
    .option(
      '--with-phrase',
      'print the phrase too, with a QR code; it is asked for, or read from --recovery-file',
    )
    .action((options: KitOptions) =>
      run(async (console) => (await import('../jobs/recovery.ts')).writeKit(console, options)),
    );
  common(opensVault(kit), [
    'keyward recovery kit --out kit.html',
    'keyward recovery kit --with-phrase --recovery-file /media/usb/keyward-phrase.txt --out /media/usb/kit.html',
  ]);

  const split = recovery
    .command('split')
    .description('split a new secret into shares, some of which open vault and backups; asks who you are')
    .requiredOption('--shares <number>', 'how many there are, 16 at most', wholeNumber('--shares', 2, 16))
    .requiredOption('--threshold <number>', 'how many are needed', wholeNumber('--threshold', 2, 16))
    .requiredOption('-o, --out <file>', 'the new file, HTML: a page for each share')
    .addHelpText(
      'after',
      '\nThe shares are written this once, in place of an older set. Print them, give each to somebody else, and delete\nthe file. Make a new backup then: older backups do not open with these shares.',
    )
    .action((options: SplitOptions) =>
      run(async (console) => (await import('../jobs/recovery.ts')).splitRecovery(console, options)),
    );
  common(opensVault(split), ['keyward recovery split --shares 5 --threshold 3 --out /media/usb/shares.html']);

  const unsplit = recovery
    .command('unsplit')
    .description('take the shares away: they open neither the vault nor new backups; asks who you are')
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/recovery.ts')).unsplitRecovery(console, options)),
    );
  common(opensVault(unsplit), ['keyward recovery unsplit']);

  const drill = recovery
    .command('drill')
    .description(
      'restore the newest backup aside with the phrase, and compare what files decrypt to by it and by the vault',
    )
    .argument('[files...]', 'encrypted files to try; without any, the newest one that the vault knows')
    .action((files: string[], options: VaultOptions) =>
      run(async (console) => (await import('../jobs/drill.ts')).drill(console, files, options)),
    );
  common(opensVault(drill), [
    'keyward recovery drill',
    'keyward recovery drill --recovery-file phrase.txt Contract.pdf.keyward',
  ]);

  const root = program.command('root').description('give the vault a new root key');
  const rotate = root
    .command('rotate')
    .description(
      'make a new root key and wrap everything anew under it; asks who you are, and locks the vault',
    )
    .addHelpText(
      'after',
      '\nWays to unlock whose secret is not at hand end with it, and are named. Copies and backups made before still open\nas they did. If something has leaked: keyward protectors revoke',
    )
    .action((options: VaultOptions) =>
      run(async (console) => (await import('../jobs/root.ts')).rotateRoot(console, options)),
    );
  common(opensVault(rotate), [
    'keyward root rotate',
    'keyward root rotate --recovery-file /media/usb/keyward-phrase.txt',
  ]);
}
