import { resolveHome } from '../../main/home/paths.ts';
import { toldAtUnlock } from '../../shared/findings.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { noteText } from '../text/error-text.ts';
import { tellRescue } from '../vault/access.ts';
import { lockEverywhere, unlockInBackground } from '../vault/background.ts';
import { statusOf } from './status.ts';

const HOLDERS = {
  background: 'a background process',
  window: 'the Keyward window',
  command: 'a keyward command',
} as const;

/** `unlock`: a process that holds the vault beyond this command. */
export async function unlock(console: Console, options: VaultOptions): Promise<void> {
  const { pid, kind, already } = await unlockInBackground(console, options);
  console.document({ state: 'unlocked', already, owner: { pid, kind } });
  const holder = `${HOLDERS[kind]} (process ${pid})`;
  await tellState(console);
  console.say(already ? `Already unlocked, held by ${holder}.` : `Unlocked, held by ${holder}.`);
  if (!already) console.say(console.style.dim('It locks when idle, or with: keyward lock'));
  if (!already && options.recoveryFile !== undefined) {
    console.note(
      'Is the passphrase lost? Set a new one with: keyward passphrase change --recovery-file FILE',
    );
  }
}

/** A vault that is open for rescue only says so, and every one what its owner has to decide. */
async function tellState(console: Console): Promise<void> {
  const { rescue, findings } = await statusOf(
    resolveHome(console.around.env),
    console.signal,
    () => undefined,
  );
  if (rescue === true) tellRescue(console, findings ?? []);
  else for (const warning of toldAtUnlock(findings ?? [])) console.note(noteText(warning));
}

/** `lock`: wherever the vault is held. */
export async function lock(console: Console): Promise<void> {
  const was = await lockEverywhere(console);
  console.document({ state: 'locked', already: !was });
  console.say(was ? 'Locked.' : 'Already locked.');
}
