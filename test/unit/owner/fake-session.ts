import type { CallContext } from '../../../src/main/api/call-context.ts';
import type { ServedSession } from '../../../src/main/owner/served-session.ts';
import type { Answer, Method } from '../../../src/shared/contract.ts';
import { KeywardError } from '../../../src/shared/errors.ts';

/** A session that answers as it is told, for tests of the owner. */
export class FakeSession implements ServedSession {
  idleMinutes: number | null = null;
  readonly calls: { method: Method; input: unknown; caller: CallContext }[] = [];
  readonly cancelled: Method[] = [];
  readonly locked: Promise<void>;
  /** Methods that go on until they are cancelled. */
  endless: Method[] = [];
  lockHangs = false;
  #lock: () => void = () => undefined;

  constructor() {
    this.locked = new Promise((resolve) => {
      this.#lock = resolve;
    });
  }

  async call<M extends Method>(method: M, input: unknown, caller: CallContext): Promise<Answer<M>> {
    this.calls.push({ method, input, caller });
    const value = await this.#value(method, caller);
    return value instanceof KeywardError
      ? { ok: false, error: value.toBody() }
      : ({ ok: true, value } as Answer<M>);
  }

  async #value(method: Method, caller: CallContext): Promise<unknown> {
    if (this.endless.includes(method)) {
      await new Promise<void>((resolve) => {
        if (caller.signal.aborted) resolve();
        caller.signal.addEventListener('abort', () => resolve(), { once: true });
      });
      this.cancelled.push(method);
      return new KeywardError('Cancelled', 'Cancelled.');
    }
    if (method === 'vault.lock') {
      if (this.lockHangs) return new Promise(() => undefined);
      this.#lock();
      return { locked: true };
    }
    if (method === 'files.verify') {
      caller.progress({ done: 1, total: 2, file: 1, files: 1, source: '/a' });
      return { results: [{ source: '/a', output: null, status: 'done', outcome: 'done', bytes: 2 }] };
    }
    if (method === 'files.rewrap') return this.#pages(caller);
    if (method === 'files.encryptStream') return this.#upper(caller);
    if (method === 'files.decryptRange') return this.#unasked(91, caller);
    if (method === 'files.decryptStream') {
      await this.#unasked(3 * 1024 * 1024, caller);
      return new KeywardError('FileDamaged', 'Damaged at its end.');
    }
    if (method === 'keys.list') return { keys: [] };
    if (method === 'audit.list') return { nonsense: true };
    return new KeywardError('NotFoundException', 'No such thing.', { key: 'x' });
  }

  /** Pages of results that were handed on so far. */
  pages = 0;

  /** A hundred pages of some 50 KiB. */
  async #pages({ results }: CallContext): Promise<unknown> {
    const one = { output: null, status: 'done', outcome: 'done', bytes: 2 } as const;
    const page = Array.from({ length: 256 }, (_, n) => ({ ...one, source: `/${'a'.repeat(120)}/${n}` }));
    for (; this.pages < 100; this.pages++) await results?.(page);
    return { results: results === undefined ? page : [] };
  }

  /** Writes this many bytes and reads nothing. */
  async #unasked(bytes: number, { streams }: CallContext): Promise<unknown> {
    await new Promise<void>((resolve, reject) => {
      streams?.output.write(Buffer.alloc(bytes, 0x33), (error) => (error ? reject(error) : resolve()));
    });
    return { bytes };
  }

  async #upper(caller: CallContext): Promise<unknown> {
    let bytes = 0;
    if (caller.streams === undefined) return new KeywardError('Internal', 'no streams');
    const { input, output } = caller.streams;
    try {
      for await (const chunk of input) {
        bytes += chunk.length;
        const turned = Buffer.from(chunk).map((byte) => byte ^ 0xff);
        await new Promise<void>((resolve, reject) => {
          output.write(turned, (error) => (error ? reject(error) : resolve()));
        });
      }
    } catch (error) {
      this.cancelled.push('files.encryptStream');
      return error instanceof KeywardError ? error : new KeywardError('Internal', String(error));
    }
    return { bytes };
  }
}
