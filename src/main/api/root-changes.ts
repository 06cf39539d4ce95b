import type { Input, Output, Progress } from '../../shared/contract.ts';
import type { PersonalCredential } from '../../shared/credential.ts';
import { asKeywardError, fail, isKeywardError, type KeywardError } from '../../shared/errors.ts';
import { ownEvent } from '../audit/event.ts';
import { removeReplaced } from '../backup/prune.ts';
import { wipe } from '../crypto/bytes.ts';
import type { Argon2Cost } from '../crypto/passphrase.ts';
import type { Caller } from '../kms/types.ts';
import type { Keychain } from '../unlock/keychain.ts';
import type { ProtectorSecret } from '../unlock/new-protector.ts';
import { newPassphraseCost } from '../unlock/passphrase-cost.ts';
import { listProtectors } from '../unlock/protectors.ts';
import { phraseIdentity } from '../unlock/recovery-recipients.ts';
import type { RootKey } from '../unlock/root-key.ts';
import { endKeysOfRevocation, endRevocation, formerDevices } from './revocation-mark.ts';
import { type Revocation, rotateRoot } from './root-rotation.ts';
import type { Services } from './services.ts';

/** What the changes work with. `settle`: ends what works behind the open vault; `cost`: for tests. */
type RootChangeDeps = {
  readonly services: Services;
  readonly root: RootKey;
  readonly keychain: Keychain;
  readonly keysFile: string | undefined;
  readonly throwAway: boolean;
  readonly settle: () => Promise<void>;
  readonly cost?: Argon2Cost | undefined;
};

/** One call: who, how it is stopped, what is told of it, and how the owner is recognised anew. */
type RootCall = {
  readonly caller: Caller;
  readonly credential: PersonalCredential;
  readonly signal: AbortSignal;
  readonly progress: (progress: Progress) => void;
  readonly confirm: () => Promise<void>;
};

/** Gives the vault another root key, after which this session can do nothing more than end: see `isSpent`. */
export class RootChanges {
  readonly #deps: RootChangeDeps;
  #spent = false;

  constructor(deps: RootChangeDeps) {
    this.#deps = deps;
  }

  /** Whether the vault is under another root key by now, so that this session must write nothing. */
  get isSpent(): boolean {
    return this.#spent;
  }

  /** A new root key. Throws what `confirm` throws, and what `rotateRoot` throws: nothing has changed then. */
  async rotate(call: RootCall): Promise<Output<'root.rotate'>> {
    await this.#recognised(call, 'RotateRootKey');
    return this.#under(call, undefined, async (next, facts) => {
      const renewed = await renewBackups(next, call);
      return { ...facts, ...renewed };
    });
  }

  /**
   * The same after a leak, with new versions of all keys that can have one, and old backups removed where new ones stand.
   * Throws also `Usage` where the phrase that answers for the new device is not there.
   */
  async revoke(call: RootCall, input: Input<'protectors.revoke'>): Promise<Output<'protectors.revoke'>> {
    const { kind, secret } = input;
    await this.#recognised(call, 'RevokeProtector');
    const { services } = this.#deps;
    const there = services.store.read(listProtectors).some((one) => one.kind === kind);
    if (!there) throw fail('no-protector-to-revoke', { kind });
    const phrase = secret?.kind === 'recovery-phrase' ? secret.phrase : phraseOf(call.credential, kind);
    if (phrase === undefined) throw needsPhrase(kind);
    if (secret !== undefined && secret.kind !== kind) {
      throw fail('secret-of-another-kind', { kind }, {});
    }
    const identity = await phraseIdentity(phrase);
    const wanted = await this.#wanted(secret);
    try {
      return await this.#under(call, { kind, secret: wanted, identity }, async (next, facts) => {
        const rotated = await rotateKeys(next, call);
        next.store.write((tx) => endKeysOfRevocation(tx, next.records));
        const renewed = await renewBackups(next, call);
        const { deleted, left } = await removeOld(next, renewed.backups);
        next.audit.write((tx) => {
          endRevocation(tx, next.records);
          next.audit.append(tx, ownEvent(call.caller.principal, 'FinishRevocation', { kind }));
        });
        return { ...facts, ...renewed, unreached: [...renewed.unreached, ...left], ...rotated, deleted };
      });
    } finally {
      identity.wipe();
      if (wanted?.kind === 'passphrase') wipe(wanted.bytes);
    }
  }

  async #under<T>(
    { caller, credential, signal, progress }: RootCall,
    revocation: Revocation | undefined,
    finish: (next: Services, facts: Pick<Output<'root.rotate'>, 'protectors' | 'removed'>) => Promise<T>,
  ): Promise<T> {
    const { services, root, keychain, keysFile, throwAway, cost } = this.#deps;
    if (throwAway) {
      throw fail('throw-away-keeps-root-key');
    }
    await this.#deps.settle();
    const tell = (done: number, of: number) => progress({ done, total: of, file: 0, files: 1, source: '' });
    const made = await rotateRoot(
      {
        services,
        root,
        keychain,
        keysFile,
        clock: services.clock,
        cost: await newPassphraseCost(false, cost),
      },
      { caller, credential, signal, tell, ...(revocation === undefined ? {} : { revocation }) },
    );
    this.#spent = true;
    const next = made.services;
    try {
      const { protectors, removed } = made;
      const answer = await finish(next, { protectors, removed });
      next.audit.write((tx) => {
        next.audit.append(tx, ownEvent(caller.principal, 'Lock', {}));
        next.audit.seal(tx);
      });
      return answer;
    } catch (error) {
      throw unfinished(asKeywardError(error));
    } finally {
      next.wipe();
      made.root.wipe();
    }
  }

  async #recognised({ caller, confirm }: RootCall, eventName: string): Promise<void> {
    try {
      await confirm();
    } catch (error) {
      const { code, message } = asKeywardError(error).toBody();
      const refusal = { errorCode: code, errorMessage: message };
      this.#deps.services.audit.writeOrHold(ownEvent(caller.principal, eventName, {}, refusal));
      throw error;
    }
  }

  async #wanted(secret: Input<'protectors.revoke'>['secret']): Promise<ProtectorSecret | undefined> {
    const { cost, keychain } = this.#deps;
    if (secret === undefined || secret.kind === 'recovery-phrase') return secret;
    if (secret.kind === 'keychain') return { ...secret, keychain };
    const bytes = Buffer.from(secret.bytes, 'base64');
    return { kind: 'passphrase', bytes, cost: await newPassphraseCost(false, cost) };
  }
}

/** What failed behind the change of the root key, which stands. */
function unfinished(error: KeywardError): KeywardError {
  const details = { ...error.details, rotated: true };
  return fail('new-root-key-unfinished', { error: error.toBody() }, details, error.cause);
}

/** A backup to each folder that is there; the others are told. */
async function renewBackups(
  { backups, backupFolders, store }: Services,
  { caller, signal }: RootCall,
): Promise<Pick<Output<'root.rotate'>, 'backups' | 'unreached'>> {
  const done: string[] = [];
  const unreached: { path: string; why: string }[] = [];
  const named = await backups.folders();
  for (const { path, state } of named) {
    if (state === 'away') unreached.push({ path, why: 'the folder is not there now' });
    else {
      try {
        done.push((await backups.create(path, { principal: caller.principal, signal })).path);
      } catch (error) {
        // One that was stopped has come to no end, whatever it was stopped by.
        if (!isKeywardError(error) || signal.aborted) throw error;
        unreached.push({ path, why: error.toBody().message });
      }
    }
  }
  const once = store
    .read((tx) => backupFolders.done(tx))
    .filter(({ path }) => !named.some((one) => one.path === path));
  for (const { path } of once) unreached.push({ path, why: 'it gets backups only when it is told to' });
  return { backups: done, unreached };
}

/** Removes backups of the devices of before where a new one has been read back; gives how many, and which stay. */
async function removeOld(
  { backups, records, store }: Services,
  made: readonly string[],
): Promise<{ readonly deleted: number; readonly left: { path: string; why: string }[] }> {
  const formers = store.read((tx) => formerDevices(tx, records));
  const all = { deleted: 0, left: [] as { path: string; why: string }[] };
  for (const path of made) {
    const { removed, left } = await removeReplaced(path, formers, backups.keysOfVault());
    all.deleted += removed;
    all.left.push(...left.map((one) => ({ path: one, why: 'it has a key that this vault does not know' })));
  }
  return all;
}

/** A new version of each key that can have one. */
async function rotateKeys(
  { kms }: Services,
  { caller, progress, signal }: RootCall,
): Promise<Pick<Output<'protectors.revoke'>, 'rotated' | 'unrotated'>> {
  const keys = await kms.overviewOfAll(caller);
  const unrotated: { key: string; why: string }[] = [];
  let rotated = 0;
  for (const [n, { metadata, aliases }] of keys.entries()) {
    signal.throwIfAborted();
    progress({ done: n, total: keys.length, file: n, files: keys.length, source: '' });
    try {
      await kms.RotateKeyOnDemand(caller, { KeyId: metadata.KeyId });
      rotated += 1;
    } catch (error) {
      if (!isKeywardError(error)) throw error;
      unrotated.push({ key: aliases[0] ?? metadata.KeyId, why: error.toBody().message });
    }
  }
  return { rotated, unrotated };
}

function phraseOf(credential: PersonalCredential, leaked: string): string | undefined {
  return credential.kind === 'recovery-phrase' && leaked !== 'recovery-phrase'
    ? credential.phrase
    : undefined;
}

function needsPhrase(kind: Input<'protectors.revoke'>['kind']): KeywardError {
  return fail('revocation-needs-phrase', { kind }, {});
}
