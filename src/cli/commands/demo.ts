import type { Command } from 'commander';
import { common, type Runner } from '../common-options.ts';

/** Declares `tour` and `demo`. */
export function demoCommands(program: Command, run: Runner): void {
  const tour = program
    .command('tour')
    .description('see it work: a throw-away vault, real files encrypted, compared, rotated, verified')
    .option('--folder <folder>', 'where it goes: a new or empty folder (default: a temporary one)')
    .action((options: { readonly folder?: string }) =>
      run(async (console) => {
        const { runTour } = await import('../tour/index.ts');
        const { folder } = options;
        await runTour({ console, ...(folder === undefined ? {} : { folder: console.absolute(folder) }) });
      }),
    );
  common(tour, ['keyward tour', 'keyward tour --folder /tmp/keyward-tour']);

  const demo = program
    .command('demo')
    .description('make a lived-in vault to look around in')
    .option('--home <folder>', 'where it goes: a new or empty folder (default: below a temporary one)')
    .action(({ home }: { readonly home?: string }) =>
      run(async (console) => {
        const { runDemo } = await import('../demo/index.ts');
        await runDemo({ console, ...(home === undefined ? {} : { home: console.absolute(home) }) });
      }),
    );
  common(demo, [
    'keyward demo',
    'keyward demo --home /tmp/keyward-demo',
    'KEYWARD_HOME=/tmp/keyward-demo keyward status',
  ]);
}
