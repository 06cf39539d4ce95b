import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';

const handled = new Map<string, (event: unknown, ...given: unknown[]) => Promise<unknown>>();
vi.mock('electron', () => ({
  ipcMain: { handle: (channel: string, act: never) => handled.set(channel, act) },
}));

const { answer, registerBridge } = await import('../../../src/main/ipc/registrar.ts');
const { BRIDGE_METHODS, CHANNEL, DROP_CHANNEL, EVENT_CHANNEL } = await import(
  '../../../src/shared/bridge.ts'
);
const { KeywardError } = await import('../../../src/shared/errors.ts');

const frame = { url: 'app://bundle/' };
const contents = { mainFrame: frame };
const event = { sender: contents, senderFrame: frame };
const page = { contents: () => contents, protocol: 'app:', host: 'bundle' };
const shape = { input: z.strictObject({ n: z.number() }), output: z.object({ twice: z.number() }) };
const ask = (given: readonly unknown[], act: (input: unknown) => unknown, log = vi.fn()) =>
  answer(shape, act, event, given, page, log);

describe('an answer', () => {
  it('carries the value that fits the schema, without what the schema does not name', async () => {
    const outcome = await ask([{ n: 2 }], () => ({ twice: 4, secret: 'x' }));
    expect(outcome).toEqual({ ok: true, value: { twice: 4 } });
  });

  it('refuses input that does not fit, before anything acts', async () => {
    const act = vi.fn();
    for (const given of [
      [{}],
      [{ n: '2' }],
      [{ n: 2, path: '/etc/passwd' }],
      [{ n: 2 }, 'more'],
      ['text'],
      [],
    ]) {
      const outcome = await ask(given, act);
      expect(outcome).toMatchObject({ ok: false, error: { code: 'ValidationException' } });
    }
    expect(act).not.toHaveBeenCalled();
  });

  it('gives our errors as data', async () => {
    const outcome = await ask([{ n: 1 }], () => {
      throw new KeywardError('WrongPassphrase', 'That is not it.', { tries: 1 });
    });
    expect(outcome).toEqual({
      ok: false,
      error: { code: 'WrongPassphrase', message: 'That is not it.', details: { tries: 1 } },
    });
  });

  it('keeps what went wrong inside to itself: no stack, no foreign path', async () => {
    const log = vi.fn();
    const inside = new Error("ENOENT: no such file, open '/home/somebody/secret'");
    const outcome = await ask(
      [{ n: 1 }],
      () => {
        throw inside;
      },
      log,
    );
    expect(outcome).toMatchObject({ ok: false, error: { code: 'Internal' } });
    expect(JSON.stringify(outcome)).not.toMatch(/somebody|ENOENT|at /);
    expect(log).toHaveBeenCalledWith(inside);
  });

  it('refuses output that does not fit', async () => {
    const log = vi.fn();
    const outcome = await ask([{ n: 1 }], () => ({ twice: 'four' }), log);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'Internal' } });
    expect(log).toHaveBeenCalledOnce();
  });
});

describe('the registrar', () => {
  it('has one channel for each method of the contract and one for drops, each checking its sender', async () => {
    const never = () => {
      throw new Error('must not act');
    };
    const all = Object.fromEntries([...BRIDGE_METHODS, 'drop'].map((name) => [name, never]));
    registerBridge(all as unknown as Parameters<typeof registerBridge>[0], page, vi.fn());
    expect([...handled.keys()]).toEqual([...BRIDGE_METHODS.map((name) => CHANNEL + name), DROP_CHANNEL]);
    for (const act of handled.values()) {
      const outcome = await act({ sender: { mainFrame: frame }, senderFrame: frame }, {});
      expect(outcome).toMatchObject({ ok: false, error: { code: 'AccessDeniedException' } });
    }
  });

  it('speaks on the channels that the preload names', () => {
    const preload = readFileSync(new URL('../../../src/preload/index.ts', import.meta.url), 'utf8');
    expect(preload).toContain(`'${DROP_CHANNEL}'`);
    expect(preload).toContain(`'${EVENT_CHANNEL}'`);
    expect(preload).toContain(`\`${CHANNEL}\${name}\``);
  });
});
