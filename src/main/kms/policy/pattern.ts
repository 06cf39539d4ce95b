/** `*` in a pattern: any text, also none. */
const ANY = -1;
/** `?` in a pattern: exactly one character. */
const ONE = -2;
const STAR = 42;
const QUESTION = 63;
const COLON = 58;
/** An ARN's: arn, partition, service, region, account and all the rest. */
const PARTS = 6;

/** A pattern ready to match: UTF-16 code units, `ANY` and `ONE`. */
export type Pattern = readonly number[];

/** What a policy variable stands for in one request; `undefined` where the request has no such value. */
export type Lookup = (key: string) => string | undefined;

/** A text of a policy that may hold wildcards and policy variables. */
export type Template = {
  /** As written. */
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** The pattern itself where there is no variable. */
  readonly fixed: Pattern | undefined;
};

type Piece = Pattern | Variable;
type Variable = { readonly key: string; readonly fallback: string | undefined };

const VARIABLE = /\$\{([^}]*)(\}?)/g;
const KEY = /^([A-Za-z0-9_-][A-Za-z0-9._-]*:[^,'{}]+?)(?:, *'([^']*)')?$/;

/**
 * Takes a text of a policy apart. `wildcards`: whether `*` and `?` mean more than themselves; `variables`: whether
 * `${…}` does, which is so from version 2012-10-17 on. Answers a sentence if a variable is malformed.
 */
export function compile(
  text: string,
  options: { wildcards: boolean; variables: boolean },
): Template | string {
  const pieces: Piece[] = [];
  let from = 0;
  if (options.variables) {
    for (const found of text.matchAll(VARIABLE)) {
      const [whole, name = '', closed = ''] = found;
      if (closed === '') return `the variable ${whole} is not closed with }`;
      pieces.push(literal(text.slice(from, found.index), options.wildcards));
      from = found.index + whole.length;
      if (name === '*' || name === '?' || name === '$') {
        pieces.push(literal(name, false));
        continue;
      }
      const [, key, fallback] = KEY.exec(name) ?? [];
      if (key === undefined)
        return `${whole} is not a variable; write \${prefix:name} or \${prefix:name, 'default'}`;
      pieces.push({ key: key.toLowerCase(), fallback });
    }
  }
  pieces.push(literal(text.slice(from), options.wildcards));
  const fixed = pieces.some(isVariable)
    ? undefined
    : pieces.flatMap((piece) => (isVariable(piece) ? [] : piece));
  return { text, pieces, fixed };
}

function isVariable(piece: Piece): piece is Variable {
  return !Array.isArray(piece);
}

/** A text as a pattern; without `wildcards` it matches only itself. */
export function literal(text: string, wildcards: boolean): Pattern {
  const units: number[] = [];
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    units.push(wildcards && unit === STAR ? ANY : wildcards && unit === QUESTION ? ONE : unit);
  }
  return units;
}

/**
 * The pattern that a template is in one request. Values of variables are taken literally: a star in a user's name
 * is no wildcard. `undefined` if a variable has no value and no default.
 */
export function resolve(template: Template, lookup: Lookup): Pattern | undefined {
  if (template.fixed !== undefined) return template.fixed;
  const units: number[] = [];
  for (const piece of template.pieces) {
    if (isVariable(piece)) {
      const value = lookup(piece.key) ?? piece.fallback;
      if (value === undefined) return undefined;
      units.push(...literal(value, false));
    } else {
      units.push(...piece);
    }
  }
  return units;
}

/**
 * Whether a pattern covers the whole text; `?` is one code point. A star remembers only its last place, so the work
 * is at most pattern times text, whatever the pattern, and nothing is copied.
 */
export function matches(pattern: Pattern, text: string): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const want = pattern[p];
    if (want === text.charCodeAt(t)) {
      p += 1;
      t += 1;
    } else if (want === ANY) {
      star = p;
      p += 1;
      resume = t;
    } else if (want === ONE) {
      p += 1;
      t += widthAt(text, t);
    } else if (star >= 0) {
      p = star + 1;
      resume += widthAt(text, resume);
      t = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === ANY) p += 1;
  return p === pattern.length;
}

/** How many code units the character at this place has. */
function widthAt(text: string, at: number): 1 | 2 {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}

/**
 * Tells whether an ARN pattern covers an ARN. Each of the six parts is matched by itself; the last may hold colons.
 * With `fill`, parts missing at the end of the pattern are stars, as in an incomplete ARN of a Resource element. A
 * lone star covers everything.
 */
export function arnMatcher(pattern: Pattern, fill: boolean): (arn: string) => boolean {
  if (pattern.length > 0 && pattern.every((unit) => unit === ANY)) return () => true;
  const want = partsOf(pattern, (from) => pattern.indexOf(COLON, from));
  if (want.length < PARTS && !fill) return () => false;
  return (arn) => {
    const have = partsOf(arn, (from) => arn.indexOf(':', from));
    return have.length === PARTS && have.every((part, i) => matches(want[i] ?? [ANY], part));
  };
}

/** The parts of an ARN, or of a pattern of one; fewer than six where it is short of colons. */
function partsOf<T>(
  whole: { slice: (from: number, to?: number) => T },
  colonFrom: (from: number) => number,
): T[] {
  const parts: T[] = [];
  let from = 0;
  while (parts.length < PARTS - 1) {
    const colon = colonFrom(from);
    if (colon < 0) break;
    parts.push(whole.slice(from, colon));
    from = colon + 1;
  }
  return [...parts, whole.slice(from)];
}
