/** A value on its way between a page and Node: JSON with tags for what JSON cannot say. */
export type Codec = {
  /** The text of a value. Throws a DataCloneError for what the structured clone algorithm refuses. */
  encode(value: unknown): string;
  /** The value of a text, with ordinary prototypes; a key named `__proto__` is an own property, as in V8. */
  decode(text: string): unknown;
};

/**
 * Makes the codec that stands for Electron's structured clone between page and main. The function is
 * also sent to the page as text: it must not use anything from outside its own body.
 */
export function makeCodec(): Codec {
  type Wire = string | number | boolean | null | Wire[];
  const views: {
    [name: string]: new (buffer: ArrayBuffer, offset: number, length: number) => ArrayBufferView;
  } = {
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
    DataView,
  };
  const toBase64 = (buffer: ArrayBuffer): string => {
    const bytes = new Uint8Array(buffer);
    let text = '';
    for (let at = 0; at < bytes.length; at += 8192)
      text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return btoa(text);
  };
  const fromBase64 = (text: string): ArrayBuffer =>
    Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const refuse = (): never => {
    throw new DOMException('An object could not be cloned.', 'DataCloneError');
  };

  const encode = (value: unknown): string => {
    const nodes: Wire[] = [];
    const seen = new Map<object, number>();
    const entries = (item: object): Wire[] => Object.entries(item).map(([key, inner]) => [key, wire(inner)]);
    const body = (item: object): Wire => {
      if (Array.isArray(item)) return ['a', item.length, entries(item)];
      if (item instanceof Date) return ['d', wire(item.getTime())];
      if (item instanceof RegExp) return ['x', item.source, item.flags];
      if (item instanceof Map) return ['m', [...item].map(([key, inner]) => [wire(key), wire(inner)])];
      if (item instanceof Set) return ['s', [...item].map(wire)];
      if (item instanceof Error) return ['e', item.name, item.message, item.stack ?? ''];
      if (item instanceof ArrayBuffer) return ['b', toBase64(item)];
      if (ArrayBuffer.isView(item)) {
        const name = Object.prototype.toString.call(item).slice(8, -1);
        const length = 'length' in item ? Number(item.length) : item.byteLength;
        return ['v', name, wire(item.buffer), item.byteOffset, length];
      }
      if (Object.prototype.toString.call(item) !== '[object Object]') return refuse();
      return ['o', entries(item)];
    };
    const wire = (item: unknown): Wire => {
      if (item === null || typeof item === 'string' || typeof item === 'boolean') return item;
      if (item === undefined) return ['u'];
      if (typeof item === 'bigint') return ['i', String(item)];
      if (typeof item === 'number') {
        return Number.isFinite(item) && !Object.is(item, -0)
          ? item
          : ['n', Object.is(item, -0) ? '-0' : String(item)];
      }
      if (typeof item !== 'object') return refuse();
      let index = seen.get(item);
      if (index === undefined) {
        index = nodes.push(null) - 1;
        seen.set(item, index);
        nodes[index] = body(item);
      }
      return ['r', index];
    };
    // The engine's own clone refuses what must be refused, calls getters and drops prototypes.
    let copy: unknown;
    try {
      copy = structuredClone(value);
    } catch {
      return refuse();
    }
    const root = wire(copy);
    return JSON.stringify([root, nodes]);
  };

  const decode = (text: string): unknown => {
    const [root, nodes] = JSON.parse(text) as [Wire, [string, ...Wire[]][]];
    const made = new Map<number, unknown>();
    const fill = (target: object, items: Wire | undefined): object => {
      for (const [key, inner] of items as [string, Wire][]) {
        Object.defineProperty(target, key, {
          value: value(inner),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return target;
    };
    const build = (index: number): unknown => {
      const [tag = '', first, second, third, fourth] = nodes[index] ?? [];
      const keep = <T>(item: T): T => {
        made.set(index, item);
        return item;
      };
      if (tag === 'a') return fill(keep(new Array(Number(first))), second);
      if (tag === 'o') return fill(keep({}), first);
      if (tag === 'd') return keep(new Date(Number(value(first ?? null))));
      if (tag === 'x') return keep(new RegExp(String(first), String(second)));
      if (tag === 'b') return keep(fromBase64(String(first)));
      if (tag === 'm') {
        const map = keep(new Map());
        for (const [key, inner] of first as [Wire, Wire][]) map.set(value(key), value(inner));
        return map;
      }
      if (tag === 's') {
        const set = keep(new Set());
        for (const inner of first as Wire[]) set.add(value(inner));
        return set;
      }
      if (tag === 'e') {
        const error = keep(new Error(String(second)));
        error.name = String(first);
        error.stack = String(third);
        return error;
      }
      const View = views[String(first)];
      if (tag !== 'v' || View === undefined) return refuse();
      return keep(new View(value(second ?? null) as ArrayBuffer, Number(third), Number(fourth)));
    };
    const value = (item: Wire): unknown => {
      if (!Array.isArray(item)) return item;
      const [tag, first] = item;
      if (tag === 'u') return undefined;
      if (tag === 'i') return BigInt(String(first));
      if (tag === 'n') return Number(first);
      const index = Number(first);
      return made.has(index) ? made.get(index) : build(index);
    };
    return value(root);
  };

  return { encode, decode };
}
