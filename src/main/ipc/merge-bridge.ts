import type { BridgeMethod } from '../../shared/bridge.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import type { Handlers } from './registrar.ts';
import type { HomeClaim } from './session.ts';
import type { Works } from './works.ts';

type MergeHandlers = Pick<
  Handlers,
  Extract<BridgeMethod, 'backup.compare' | 'backup.merge' | 'backup.leaveMerge'>
>;

/** The bridge's methods about merging a backup. Its phrase is kept here from the comparison to the answer, or the lock. */
export function mergeBridge<C extends HomeClaim>(
  holder: VaultHolder<C>,
  handles: Handles,
  works: Works,
): MergeHandlers {
  let phrase: Buffer | undefined;
  let compared: { readonly from: string; readonly formerPhrase: boolean } | undefined;
  const forget = () => {
    phrase?.fill(0);
    phrase = undefined;
    compared = undefined;
  };
  holder.atLock(forget);
  const input = (about: NonNullable<typeof compared>) => {
    if (phrase === undefined) throw gone();
    return { ...about, phrase: phrase.toString('utf8') };
  };
  return {
    'backup.compare': async ({ from, phrase: given, formerPhrase }) => {
      if (given !== undefined) {
        forget();
        phrase = Buffer.from(given);
        given.fill(0);
      }
      const about = { from: handles.path(from, 'backup'), formerPhrase };
      const { backup, passedOver, ...plan } = await works.run('merge', (how) =>
        holder.call('backup.compare', input(about), how),
      );
      compared = about;
      const { path, ...rest } = backup;
      return {
        ...plan,
        backup: { ...rest, name: handles.nameOf(path) },
        passedOver: passedOver.map((one) => ({ name: handles.nameOf(one.path), why: one.why })),
      };
    },
    'backup.merge': async ({ plan, take }) => {
      if (compared === undefined) throw gone();
      const asked = { ...input(compared), plan, take };
      const { taken } = await works.run('merge', (how) => holder.call('backup.merge', asked, how));
      forget();
      return { taken: taken.length };
    },
    'backup.leaveMerge': () => {
      forget();
      return {};
    },
  };
}

function gone(): KeywardError {
  return fail('backup-not-compared');
}
