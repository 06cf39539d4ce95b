/** `*` in a pattern: any text, also none. */
const ANY = -1;
/** `?` in a pattern: exactly one character. */
const ONE = -2;
const COLON = 58;

/** A pattern ready to match: code points, `ANY` and `ONE`. */
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
  return Array.from(text, (char) => {
    if (wildcards && char === '*') return ANY;
    if (wildcards && char === '?') return ONE;
    return char.codePointAt(0) ?? 0;
  });
}

/**
 * The pattern that a template is in one request. Values of variables are taken literally: a star in a user's name
 * is no wildcard. `undefined` if a variable has no value and no default.
 */
export function resolve(template: Template, lookup: Lookup): Pattern | undefined {
  if (template.fixed !== undefined) return template.fixed;
  const points: number[] = [];
  for (const piece of template.pieces) {
    if (isVariable(piece)) {
      const value = lookup(piece.key) ?? piece.fallback;
      if (value === undefined) return undefined;
      points.push(...literal(value, false));
    } else {
      points.push(...piece);
    }
  }
  return points;
}

/**
 * Whether a pattern covers the whole text. A star remembers only its last place, so the work is at most pattern
 * times text, whatever the pattern.
 */
export function matches(pattern: Pattern, text: string): boolean {
  return glob(pattern, literal(text, false));
}

function glob(pattern: Pattern, text: readonly number[]): boolean {
  let p = 0;
  let t = 0;
  let star = -1;
  let resume = 0;
  while (t < text.length) {
    const want = pattern[p];
    if (want === ANY) {
      star = p;
      p += 1;
      resume = t;
    } else if (want === ONE || (want !== undefined && want === text[t])) {
      p += 1;
      t += 1;
    } else if (star >= 0) {
      p = star + 1;
      resume += 1;
      t = resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === ANY) p += 1;
  return p === pattern.length;
}

/**
 * Whether an ARN pattern covers an ARN. Each of the six parts is matched by itself; the last may hold colons. With
 * `fill`, parts missing at the end of the pattern are stars, as in an incomplete ARN of a Resource element. A lone
 * star covers everything.
 */
export function matchesArn(pattern: Pattern, arn: string, fill: boolean): boolean {
  if (pattern.length > 0 && pattern.every((point) => point === ANY)) return true;
  const have = split(literal(arn, false));
  const want = split(pattern);
  if (have.length < 6 || (want.length < 6 && !fill)) return false;
  return have.every((part, i) => glob(want[i] ?? [ANY], part));
}

function split(points: readonly number[]): readonly (readonly number[])[] {
  const parts: (readonly number[])[] = [];
  let from = 0;
  while (parts.length < 5) {
    const colon = points.indexOf(COLON, from);
    if (colon < 0) break;
    parts.push(points.slice(from, colon));
    from = colon + 1;
  }
  return [...parts, points.slice(from)];
}
