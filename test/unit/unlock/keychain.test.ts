import { describe, expect, it } from 'vitest';
import type { KeychainReason } from '../../../src/main/unlock/keychain.ts';
import { keychainUnavailable, MemoryKeychain } from '../../../src/main/unlock/keychain.ts';
import { isKeychainBusy, SystemKeychain } from '../../../src/main/unlock/system-keychain.ts';
import { errorText } from '../../../src/messages/errors.ts';

const REASONS: KeychainReason[] = ['no-library', 'no-bus', 'no-service', 'locked', 'denied', 'timeout'];

/** A library whose every call fails with this message. */
function failing(message: string) {
  const fail = () => Promise.reject(new Error(message));
  return async () => ({ default: { getPassword: fail, setPassword: fail, deletePassword: fail } });
}

describe('a keychain that cannot be used (pitfall 35, pitfall 37)', () => {
  it('has six reasons, each with a sentence of its own that offers the other ways and deletes nothing', () => {
    const sentences = REASONS.map((reason) => errorText(keychainUnavailable(reason)));
    expect(new Set(sentences).size).toBe(6);
    for (const sentence of sentences) {
      expect(sentence).toMatch(/Use the passphrase or the recovery phrase instead\.$/);
      expect(sentence).not.toMatch(/delete|remove|reset/i);
    }
  });

  const said: [string, KeychainReason][] = [
    ['Failed to load keytar native addon, checked ["../build/Release"]', 'no-library'],
    ['libsecret-1.so.0: cannot open shared object file: No such file or directory', 'no-library'],
    ['Cannot autolaunch D-Bus without X11 $DISPLAY', 'no-bus'],
    ['Could not connect: No such file or directory', 'no-bus'],
    ['Could not connect: Connection refused', 'no-bus'],
    [
      'GDBus.Error:org.freedesktop.DBus.Error.ServiceUnknown: The name org.freedesktop.secrets was not provided by any .service files',
      'no-service',
    ],
    ['GDBus.Error:org.freedesktop.DBus.Error.Spawn.ChildExited: Process exited with status 1', 'no-service'],
    ['Object does not exist at path “/org/freedesktop/secrets/collection/login”', 'no-service'],
    ['Cannot create an item in a locked collection', 'locked'],
    ['User interaction is not allowed.', 'locked'],
    ['The user name or passphrase was denied', 'denied'],
    ['GDBus.Error:org.freedesktop.DBus.Error.AccessDenied: no', 'denied'],
    ['User canceled the operation.', 'denied'],
    ['Prompt dismissed', 'denied'],
    ['This process is not authorised', 'denied'],
    ['This process is not authorized', 'denied'],
    ['GDBus.Error:org.freedesktop.DBus.Error.ServiceUnknown: x', 'no-service'],
    ['DBus is not running', 'no-bus'],
    ['something nobody has seen yet', 'no-service'],
  ];
  it.each(said)('%s', async (message, reason) => {
    const keychain = new SystemKeychain({ load: failing(message) });
    for (const act of [keychain.get('a'), keychain.set('a', 'b'), keychain.delete('a')]) {
      await expect(act).rejects.toMatchObject({ code: 'KeychainUnavailable', details: { reason } });
    }
  });

  it('because its library does not load, or is not one', async () => {
    const some = { getPassword: async () => 'x', setPassword: async () => {} };
    const loads = [
      () => Promise.reject(new Error('boom')),
      ...[{}, undefined, null, 5, some, { default: some }].map((library) => async () => library),
    ];
    for (const load of loads) {
      await expect(new SystemKeychain({ load }).get('a')).rejects.toMatchObject({
        details: { reason: 'no-library' },
      });
    }
  });

  it('is known to be still under way after its time, until it comes back', async () => {
    let answer = (_: string | null) => {};
    const getPassword = () =>
      new Promise<string | null>((resolve) => {
        answer = resolve;
      });
    const load = async () => ({ getPassword, setPassword: getPassword, deletePassword: getPassword });
    await expect(new SystemKeychain({ load, limitMs: 20 }).get('a')).rejects.toMatchObject({
      details: { reason: 'timeout' },
    });
    expect(isKeychainBusy()).toBe(true);
    answer('late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(isKeychainBusy()).toBe(false);
  });

  it('because it does not answer in time, whether loading or asking', async () => {
    const never = () => new Promise<never>(() => {});
    for (const load of [
      never,
      async () => ({ getPassword: never, setPassword: never, deletePassword: never }),
    ]) {
      const start = performance.now();
      const keychain = new SystemKeychain({ load, limitMs: 50 });
      await expect(keychain.get('a')).rejects.toMatchObject({ details: { reason: 'timeout' } });
      expect(performance.now() - start).toBeLessThan(1_000);
    }
  });

  it('is not loaded before it is needed (pitfall 38)', async () => {
    let loads = 0;
    const keychain = new SystemKeychain({
      load: async () => {
        loads += 1;
        return {};
      },
    });
    expect(loads).toBe(0);
    await keychain.get('a').catch(() => {});
    expect(loads).toBe(1);
  });

  it.runIf(process.platform === 'linux')(
    'is asked under our name, and tried with a mark of its own',
    async () => {
      const calls: string[][] = [];
      const note =
        <T>(name: string, answer: T) =>
        async (...words: string[]) => {
          calls.push([name, ...words]);
          return answer;
        };
      const keychain = new SystemKeychain({
        load: async () => ({
          getPassword: note('get', null),
          setPassword: note('set', undefined),
          deletePassword: note('delete', true),
        }),
      });
      expect(await keychain.get('a')).toBeUndefined();
      await keychain.set('a', 'secret');
      expect(await keychain.delete('a')).toBe(true);
      expect(calls).toEqual([
        ['get', 'Keyward', 'a'],
        ['set', 'Keyward', 'a/is-it-open', 'yes'],
        ['delete', 'Keyward', 'a/is-it-open'],
        ['set', 'Keyward', 'a', 'secret'],
        ['delete', 'Keyward', 'a'],
      ]);
    },
  );

  it.runIf(process.platform === 'linux')('tells an empty keychain from a locked one', async () => {
    const secrets = new Map<string, string>();
    const library = (locked: boolean) => ({
      getPassword: async (_: string, account: string) => (locked ? null : (secrets.get(account) ?? null)),
      setPassword: async (_: string, account: string, secret: string) => {
        if (locked) throw new Error('Cannot create an item in a locked collection');
        secrets.set(account, secret);
      },
      deletePassword: async (_: string, account: string) => secrets.delete(account),
    });
    expect(await new SystemKeychain({ load: async () => library(false) }).get('a')).toBeUndefined();
    expect(secrets.size).toBe(0);
    await expect(new SystemKeychain({ load: async () => library(true) }).get('a')).rejects.toMatchObject({
      details: { reason: 'locked' },
    });
  });
});

describe('the keychain in memory', () => {
  it('keeps, replaces and forgets, and fails when told', async () => {
    const keychain = new MemoryKeychain();
    expect(await keychain.get('a')).toBeUndefined();
    await keychain.set('a', '1');
    await keychain.set('a', '2');
    expect(await keychain.get('a')).toBe('2');
    keychain.breakWith('locked');
    await expect(keychain.get('a')).rejects.toMatchObject({ details: { reason: 'locked' } });
    keychain.breakWith(undefined);
    expect(await keychain.delete('a')).toBe(true);
    expect(await keychain.delete('a')).toBe(false);
  });
});
