import { randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isJsonObject, type JsonValue, parseJson } from '../../../../src/main/kms/policy/json.ts';
import { isKeywardError } from '../../../../src/shared/errors.ts';

const SEED = Number(process.env['KEYWARD_TEST_SEED'] ?? randomInt(2 ** 31));

/** The value as JSON.parse has it. */
function plain(value: JsonValue): unknown {
  if (isJsonObject(value)) {
    const made: { [key: string]: unknown } = {};
    for (const [key, one] of value) {
      Object.defineProperty(made, key, { value: plain(one), enumerable: true, configurable: true });
    }
    return made;
  }
  return Array.isArray(value) ? value.map(plain) : value;
}

function refusal(text: string): string {
  try {
    parseJson(text);
  } catch (error) {
    if (isKeywardError(error, 'MalformedPolicyDocumentException')) return error.message;
    throw error;
  }
  return 'none';
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

describe(`JSON texts, seed ${SEED}`, () => {
  it('are read as JSON.parse reads them', () => {
    const shallow = fc.json({ maxDepth: 2 });
    fc.assert(
      fc.property(shallow, fc.constantFrom(undefined, 1, '\t'), (text, space) => {
        const spaced = JSON.stringify(JSON.parse(text), undefined, space);
        expect(plain(parseJson(spaced))).toEqual(JSON.parse(spaced));
      }),
      { numRuns: 100, seed: SEED },
    );
  });

  it('are refused where JSON.parse refuses them, and otherwise only for a key that stands twice', () => {
    const piece = fc.constantFrom(
      ...'{}[]:,"\\ \n01-.eE+tn',
      'true',
      'null',
      '"a"',
      '"b":',
      '\\u00e9',
      '\u0001',
      '1.5e3',
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
        (text) => {
          const wanted = parsed(text);
          const got = refusal(text);
          if (wanted === undefined) expect(got).toMatch(/not valid JSON: line \d+, column \d+/);
          else if (got === 'none') expect(plain(parseJson(text))).toEqual(wanted.value);
          else expect(got).toMatch(/stands here twice/);
        },
      ),
      { numRuns: 3_000, seed: SEED },
    );
  });

  const exact: [string, unknown][] = [
    ['-0.5e+2', -50],
    ['1E2', 100],
    ['0', 0],
    [' [ 1 , {"a" : [ ] , "b":{ } } ]\r\n\t', [1, { a: [], b: {} }]],
    ['"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00E9é"', '"\\/\b\f\n\r\téé'],
    ['[true,false,null]', [true, false, null]],
    ['""', ''],
  ];
  it.each(exact)('%j', (text, value) => {
    expect(plain(parseJson(text))).toEqual(value);
  });

  const refused: [string, string][] = [
    ['01', 'line 1, column 2'],
    ['1.', 'line 1, column 2'],
    ['.5', 'line 1, column 1'],
    ['+1', 'line 1, column 1'],
    ['truefalse', 'line 1, column 5'],
    ['[1,]', 'line 1, column 4'],
    ['[1 2]', 'line 1, column 4'],
    ['{"a":1,}', 'line 1, column 8'],
    ['{"a" 1}', 'line 1, column 6'],
    ['{a:1}', 'line 1, column 2'],
    ["{'a':1}", 'line 1, column 2'],
    ['[1', 'line 1, column 3'],
    ['{\n  "a":\n    b\n}', 'line 3, column 5'],
    ['"\\x41"', 'line 1, column 1'],
    ['"\\u00g9"', 'line 1, column 1'],
    ['"a\nb"', 'line 1, column 1'],
    ['"a', 'line 1, column 1'],
    ['\ufeff1', 'line 1, column 1'],
    ['\u00a01', 'line 1, column 1'],
    ['NaN', 'line 1, column 1'],
  ];
  it.each(refused)('%j is refused at its place', (text, place) => {
    expect(refusal(text)).toBe(`The policy is not valid JSON: ${place} can't be read.`);
  });

  it('keep __proto__ as a key like any other', () => {
    const value = parseJson('{"__proto__":{"a":1},"constructor":2}');
    expect(isJsonObject(value) ? [...value.keys()] : undefined).toEqual(['__proto__', 'constructor']);
    expect(isJsonObject(value) && isJsonObject(value.get('__proto__'))).toBe(true);
  });

  it('name the place of a key that stands twice', () => {
    expect(refusal('{"a":[0,{"b":1,"\\u0062":2}]}')).toBe('a[1].b: stands here twice; keep one of the two');
  });

  it('are 16 levels deep at most', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(refusal(nested(17))).toBe('none');
    expect(refusal(nested(18))).toBe(`${'[0]'.repeat(17)}: is nested deeper than 16 levels`);
    expect(refusal(`${'{"a":'.repeat(17)}1${'}'.repeat(17)}`)).toMatch(/^a(\.a){16}: is nested deeper/);
  });
});
