import type { Face } from '../face.ts';
import type { VaultOptions } from '../options.ts';
import { lockEverywhere, unlockInBackground } from '../vault/background.ts';

const HOLDERS = {
  background: 'a background process',
  window: 'the Keyward window',
  command: 'a keyward command',
} as const;

/** `unlock`: a process that holds the vault beyond this command. */
export async function unlock(face: Face, options: VaultOptions): Promise<void> {
  const { pid, kind, already } = await unlockInBackground(face, options);
  face.document({ state: 'unlocked', already, owner: { pid, kind } });
  const holder = `${HOLDERS[kind]} (process ${pid})`;
  face.say(already ? `Already unlocked, held by ${holder}.` : `Unlocked, held by ${holder}.`);
  if (!already) face.say(face.style.dim('It locks when idle, or with: keyward lock'));
}

/** `lock`: wherever the vault is held. */
export async function lock(face: Face): Promise<void> {
  const was = await lockEverywhere(face);
  face.document({ state: 'locked', already: !was });
  face.say(was ? 'Locked.' : 'Already locked.');
}
