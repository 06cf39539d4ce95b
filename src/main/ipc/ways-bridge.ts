import type { AfterRotation, BridgeMethod } from '../../shared/bridge.ts';
import type { Input, Output } from '../../shared/contract.ts';
import { fail } from '../../shared/errors.ts';
import { freshUnlock, type Shown } from './credentials.ts';
import type { Desktop } from './desktop.ts';
import type { Handles } from './handles.ts';
import type { VaultHolder } from './holder.ts';
import type { Handlers } from './registrar.ts';
import type { HomeClaim } from './session.ts';
import type { Works } from './works.ts';

type WayHandlers = Pick<Handlers, Extract<BridgeMethod, `ways.${string}`>>;
type Secret = Input<'protectors.set'>['secret'];

/** What the handlers work with. */
type WayDeps<C extends HomeClaim> = {
  readonly holder: VaultHolder<C>;
  readonly handles: Handles;
  readonly desktop: Desktop;
  readonly works: Works;
};

/** The bridge's methods about the ways to unlock. New words are kept here until they open the vault, or it locks. */
export function waysBridge<C extends HomeClaim>({
  holder,
  handles,
  desktop,
  works,
}: WayDeps<C>): WayHandlers {
  let words: Buffer | undefined;
  const forget = () => {
    words?.fill(0);
    words = undefined;
  };
  holder.atLock(forget);
  const newPhrase = (): Secret => {
    if (words === undefined) throw fail('new-words-gone');
    return { kind: 'recovery-phrase', phrase: words.toString('utf8') };
  };
  const set = (shown: Shown, secret: () => Secret) =>
    wiping(shown, async () => {
      const made = secret();
      const { protectors } = await holder.call('protectors.list', {});
      const how = protectors.some(({ kind }) => kind === made.kind) ? 'replace' : 'add';
      await holder.call('protectors.set', { how, secret: made, credential: freshUnlock(shown) });
      return {};
    });
  const tell = (done: Output<'root.rotate'>): AfterRotation => ({
    removed: done.removed,
    backups: done.backups.length,
    unreached: done.unreached.map(({ path, why }) => ({ name: handles.nameOf(path), why })),
    ...{ rotated: 0, unrotated: [], deleted: 0 },
  });
  return {
    'ways.newPhrase': async () => {
      const { phrase } = await holder.call('protectors.newPhrase', {});
      forget();
      words = Buffer.from(phrase);
      holder.showPhrase();
      desktop.secretShown(true);
      return { phrase: new Uint8Array(words) };
    },
    'ways.setPhrase': async ({ shown }) => {
      await set(shown, newPhrase);
      forget();
      return {};
    },
    'ways.setKeychain': ({ shown }) => set(shown, () => ({ kind: 'keychain' })),
    'ways.remove': ({ kind, shown }) =>
      wiping(shown, async () => {
        await holder.call('protectors.remove', { kind, credential: freshUnlock(shown) });
        return {};
      }),
    'ways.revoke': ({ kind, shown, passphrase }) =>
      wiping(shown, async () => {
        const secret = replacement(kind, passphrase, newPhrase);
        const input = { kind, credential: freshUnlock(shown), ...(secret === undefined ? {} : { secret }) };
        try {
          await works.run('root', (how) =>
            holder.rotate(async () => {
              const { rotated, unrotated, deleted, ...done } = await holder.call(
                'protectors.revoke',
                input,
                how,
              );
              return { ...tell({ ...done }), ...{ revoked: kind, rotated, unrotated, deleted } };
            }),
          );
        } finally {
          passphrase?.fill(0);
        }
        forget();
        return {};
      }),
    'ways.rotateRoot': ({ shown }) =>
      wiping(shown, async () => {
        const credential = freshUnlock(shown);
        await works.run('root', (how) =>
          holder.rotate(async () => tell(await holder.call('root.rotate', { credential }, how))),
        );
        return {};
      }),
    'ways.readRotation': () => {
      holder.rotation = undefined;
      return {};
    },
  };
}

function replacement(
  kind: Input<'protectors.revoke'>['kind'],
  passphrase: Uint8Array | undefined,
  newPhrase: () => Secret,
): Secret | undefined {
  if (kind === 'recovery-phrase') return newPhrase();
  if (kind !== 'passphrase' || passphrase === undefined) return undefined;
  return { kind, bytes: Buffer.from(passphrase).toString('base64') };
}

async function wiping<T>(shown: Shown, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    shown.secret.fill(0);
  }
}
