tightenUmask();
// Without a listener Node would open its inspector, through which anyone on this machine could read the keys.
process.on('SIGUSR1', () => undefined);

import pkg from '../../package.json' with { type: 'json' };
import { tightenUmask } from '../main/disk/umask.ts';
import { exitProcess } from '../main/home/exit-process.ts';
import { errorText } from '../messages/errors.ts';
import { fail, setErrorWords } from '../shared/errors.ts';
import { Console } from './console.ts';
import { cancelOnSignals, watchOutput } from './signals.ts';
import { outputStream } from './standard-streams.ts';
import { HOLD_ARGUMENT } from './vault/handover-argument.ts';

setErrorWords((body) => errorText(body));

const words = process.argv.slice(2);

if (words[0] === HOLD_ARGUMENT) {
  await (await import('./vault/holder.ts')).holdVault();
} else {
  const { stdin, stderr, env } = process;
  const stdout = outputStream(process.stdout);
  const cwd = currentFolder();
  const console = new Console({ stdin, stdout, stderr, env, cwd: cwd ?? '/' });
  cancelOnSignals(console);
  watchOutput(console);
  if (cwd === undefined) {
    console.json = words.includes('--json');
    console.fail(fail('current-folder-gone'));
  } else await (await import('./program.ts')).runProgram(console, words, pkg.version);
  // Whatever still waits (a pipe nobody ends, a keychain) must not keep a finished command from ending.
  for (const stream of [stdout, stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
  exitProcess(console.exit);
}

/** The current folder; `undefined` if somebody has removed it. */
function currentFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}
