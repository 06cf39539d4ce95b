/** One end of the bridge between the page's world and the preload's. */
export type BridgeEnd = {
  /** A deep copy's description; functions and promises stay here and are named by number. */
  pack(value: unknown): unknown;
  /** What `pack` at the other end described, with proxies for functions and promises. */
  unpack(packed: unknown): unknown;
  /** Asks the other end, at once. */
  ask(what: string, ...rest: unknown[]): unknown;
  /** Answers for requests that are not about functions or promises. */
  other: (what: string, rest: unknown[]) => unknown;
};

/**
 * Makes one end of the bridge over `node`, a DOM node that nobody else knows: worlds share nodes but no
 * JavaScript objects, and an event's `detail` crosses as a structured clone. Copies follow Electron's
 * contextBridge: prototypes are dropped, functions and promises become proxies, of an Error only the message
 * survives, nesting ends at 1,000.
 *
 * The function is sent to both worlds as text: it must not use anything from outside its own body, and keeps
 * its own references to what a page could replace later.
 */
export function makeBridgeEnd(node: EventTarget, out: string, incoming: string): BridgeEnd {
  const Custom = CustomEvent;
  const clone = structuredClone;
  const { apply } = Reflect;
  const dispatch = EventTarget.prototype.dispatchEvent;
  const listen = EventTarget.prototype.addEventListener;
  const send = (name: string, detail: unknown) => apply(dispatch, node, [new Custom(name, { detail })]);
  const callables = new Map<number, (...args: unknown[]) => unknown>();
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (reason: unknown) => void }>();
  const replies: { value?: unknown }[] = [];
  let next = 1;

  type Packed = readonly [string, unknown?];
  const pack = (root: unknown): unknown => {
    const seen = new Map<object, number>();
    const walk = (value: unknown, depth: number): Packed => {
      if (depth > 1000) {
        throw new TypeError(
          'Electron contextBridge recursion depth exceeded.  Nested objects deeper than 1000 are not supported.',
        );
      }
      if (typeof value === 'function') {
        const id = next++;
        callables.set(id, value as (...args: unknown[]) => unknown);
        return ['f', id];
      }
      if (typeof value === 'symbol') throw new TypeError('An object could not be cloned.');
      if (typeof value !== 'object' || value === null) return ['v', value];
      const before = seen.get(value);
      if (before !== undefined) return ['r', before];
      seen.set(value, seen.size);
      if (value instanceof Promise) {
        const id = next++;
        value.then(
          (result) => ask('settle', id, true, pack(result)),
          (reason) => ask('settle', id, false, pack(reason)),
        );
        return ['p', id];
      }
      if (value instanceof Error) return ['e', value.message];
      if (Array.isArray(value)) return ['a', Array.from(value, (item) => walk(item, depth + 1))];
      const kind = Object.prototype.toString.call(value);
      if (kind === '[object Object]' || kind === '[object Window]') {
        return ['o', Object.entries(value).map(([key, item]) => [key, walk(item, depth + 1)])];
      }
      clone(value);
      return ['v', value];
    };
    return walk(root, 0);
  };

  const unpack = (root: unknown): unknown => {
    const made: unknown[] = [];
    const walk = ([tag, body]: Packed): unknown => {
      if (tag === 'r') return made[Number(body)];
      const place = made.length;
      const keep = <T>(value: T): T => {
        made[place] = value;
        return value;
      };
      if (tag === 'f') {
        return (...args: unknown[]) => {
          const [ok, value] = ask('apply', body, pack(args)) as [boolean, unknown];
          if (ok) return unpack(value);
          throw unpack(value);
        };
      }
      if (tag === 'v') return typeof body === 'object' && body !== null ? keep(body) : body;
      if (tag === 'e') return keep(new Error(String(body)));
      if (tag === 'p') {
        return keep(new Promise((resolve, reject) => waiting.set(Number(body), { resolve, reject })));
      }
      if (tag === 'a') {
        const list = keep<unknown[]>([]);
        for (const item of body as Packed[]) list.push(walk(item));
        return list;
      }
      const target = keep({});
      for (const [key, item] of body as [string, Packed][]) {
        Object.defineProperty(target, key, {
          value: walk(item),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return target;
    };
    return walk(root as Packed);
  };

  const ask = (what: string, ...rest: unknown[]): unknown => {
    const reply: { value?: unknown } = {};
    replies.push(reply);
    send(out, [what, rest]);
    replies.pop();
    return reply.value;
  };

  const answer = (what: string, rest: unknown[]): unknown => {
    if (what === 'apply') {
      try {
        const callable = callables.get(Number(rest[0]));
        return [true, pack(callable?.(...(unpack(rest[1]) as unknown[])))];
      } catch (error) {
        return [false, pack(error instanceof Error ? error : new Error(String(error)))];
      }
    }
    if (what === 'settle') {
      const promise = waiting.get(Number(rest[0]));
      waiting.delete(Number(rest[0]));
      if (rest[1] === true) promise?.resolve(unpack(rest[2]));
      else promise?.reject(unpack(rest[2]));
      return undefined;
    }
    return end.other(what, rest);
  };
  apply(listen, node, [
    incoming,
    (event: CustomEvent) => send(`${out}-reply`, answer(...(event.detail as [string, unknown[]]))),
  ]);
  apply(listen, node, [
    `${incoming}-reply`,
    (event: CustomEvent) => {
      const reply = replies.at(-1);
      if (reply !== undefined) reply.value = event.detail;
    },
  ]);
  const end: BridgeEnd = { pack, unpack, ask, other: () => undefined };
  return end;
}
