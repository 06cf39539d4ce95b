import { awsError, type KeywardError } from '../../../shared/errors.ts';

/** A value of a JSON text. Objects are maps: no key, whatever its name, reaches a prototype. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

/** An object of a JSON text, in the order written. */
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** True for an object of a JSON text. */
export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

/** A refusal of a policy document; `path` names the place in it, '' the whole. */
export function malformed(path: string, why: string): KeywardError {
  return awsError('MalformedPolicyDocumentException', path === '' ? why : `${path}: ${why}`);
}

/** Throws for what is no list of values, and for one that is empty, which says nothing. */
export function requireTexts(
  path: string,
  value: JsonValue | undefined,
): asserts value is readonly JsonValue[] {
  if (!Array.isArray(value)) throw malformed(path, 'must be text or a list of texts');
  if (value.length === 0) throw malformed(path, 'is an empty list');
}

const MAX_DEPTH = 16;
const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 8259 section 7 keeps them out of strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

/**
 * Reads a JSON text as RFC 8259 has it and nothing more. Throws `MalformedPolicyDocumentException` for any other
 * text, for objects nested deeper than 16, and for an object that has a key twice: which of the two holds would
 * be anybody's guess, and with `Effect` the guess decides.
 */
export function parseJson(text: string): JsonValue {
  const reader = new Reader(text);
  const value = reader.value('', 0);
  reader.end();
  return value;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(path: string, depth: number): JsonValue {
    if (depth > MAX_DEPTH) throw malformed(path, `is nested deeper than ${MAX_DEPTH} levels`);
    this.#take(SPACE);
    const next = this.#text[this.#at];
    if (next === '{') return this.#object(path, depth);
    if (next === '[') return this.#array(path, depth);
    if (next === '"') return this.#string();
    const word = this.#take(WORD) ?? this.#take(NUMBER);
    if (word === undefined) throw this.#broken();
    return JSON.parse(word) as string | number | boolean | null;
  }

  end(): void {
    this.#take(SPACE);
    if (this.#at < this.#text.length) throw this.#broken();
  }

  #object(path: string, depth: number): JsonObject {
    const entries = new Map<string, JsonValue>();
    this.#each('{', '}', () => {
      const key = this.#string();
      const inner = path === '' ? key : `${path}.${key}`;
      this.#expect(':');
      const value = this.value(inner, depth + 1);
      if (entries.has(key)) throw malformed(inner, 'stands here twice; keep one of the two');
      entries.set(key, value);
    });
    return entries;
  }

  #array(path: string, depth: number): readonly JsonValue[] {
    const items: JsonValue[] = [];
    this.#each('[', ']', () => items.push(this.value(`${path}[${items.length}]`, depth + 1)));
    return items;
  }

  #each(open: string, close: string, read: () => void): void {
    this.#expect(open);
    if (this.#skip(close)) return;
    do read();
    while (this.#skip(','));
    this.#expect(close);
  }

  #string(): string {
    this.#take(SPACE);
    const raw = this.#take(STRING);
    if (raw === undefined) throw this.#broken();
    return JSON.parse(raw) as string;
  }

  #expect(mark: string): void {
    if (!this.#skip(mark)) throw this.#broken();
  }

  #skip(mark: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#at] !== mark) return false;
    this.#at += 1;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #broken(): KeywardError {
    const before = this.#text.slice(0, this.#at);
    const line = before.split('\n').length;
    const column = this.#at - before.lastIndexOf('\n');
    return malformed('', `The policy is not valid JSON: line ${line}, column ${column} can't be read.`);
  }
}
