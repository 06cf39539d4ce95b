import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IntlMessageFormat } from 'intl-messageformat';
import { describe, expect, it } from 'vitest';
import { ERROR_TEXTS } from '../../../src/messages/en/errors/index.ts';
import { NOTE_TEXTS } from '../../../src/messages/en/notes.ts';
import { kindsOf, type NoteReason, type Reason } from '../../../src/shared/errors.ts';

const root = join(import.meta.dirname, '../../../src');
const SOURCES = new Map(
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => [name, readFileSync(join(root, name), 'utf8')]),
);
const TEXTS = { ...ERROR_TEXTS, ...NOTE_TEXTS };
const REASON_NAMES = Object.keys(TEXTS) as (Reason | NoteReason)[];

/** Files that hold what is looked for. */
function holding(wanted: RegExp): string[] {
  return [...SOURCES].flatMap(([name, text]) => (wanted.test(text) ? [name] : []));
}

describe('where errors are made', () => {
  it('they are made of a reason, or of AWS’s words where AWS KMS is served', () => {
    expect(holding(/new KeywardError\(/)).toEqual(['shared/errors.ts']);
    const ofAws = holding(/(?<![.\w])awsError\(/);
    expect(ofAws).toContain('main/kms/pagination.ts');
    expect(ofAws.filter((name) => !/^(main\/(kms|server)\/|shared\/errors\.ts$)/.test(name))).toEqual([]);
  });

  it('every reason is given somewhere', () => {
    const rest = [...SOURCES].filter(([name]) => !/^(messages|shared\/reasons)\//.test(name));
    const given = new Set(
      rest.flatMap(([, text]) => [...text.matchAll(/'([a-z][a-z0-9-]+)'/g)].map(([, name]) => name)),
    );
    expect(REASON_NAMES.filter((name) => !given.has(name))).toEqual([]);
  });

  it('a finding says what stands in the catalog', () => {
    const core = [...SOURCES].filter(([name]) => name.startsWith('main/'));
    const own = core.filter(([, text]) => /kind: '[A-Z]\w+'( as const)?,\s*message\b/.test(text));
    expect(own.map(([name]) => name)).toEqual(['main/health/locked.ts']);
  });

  it('what developers read of an error is not what people are shown', () => {
    const faces = [...SOURCES].filter(([name]) => /^(cli|renderer)\//.test(name));
    const shown = faces.flatMap(([name, text]) =>
      [...text.matchAll(/\b(?:error|thrown|caught)\??\.message\b/g)].map(([what]) => `${name}: ${what}`),
    );
    // Commander's own, which is taken apart.
    expect(shown).toEqual(['cli/program.ts: error.message']);
  });
});

describe('the parameters of a sentence', () => {
  it.each(REASON_NAMES)('%s: names all of its reason’s, no others, and the words of each', (reason) => {
    const text = TEXTS[reason];
    const messages = typeof text === 'string' ? [text] : Object.values(text);
    const used = new Map<string, Set<string>>();
    for (const message of messages) collect(parsed(message), used);
    const kinds = kindsOf(reason) ?? {};
    expect([...used.keys()].sort()).toEqual(Object.keys(kinds).sort());
    for (const [name, words] of used) {
      const kind = kinds[name];
      const known = typeof kind === 'object' ? kind.map((word) => word.replaceAll('-', '_')) : [];
      if (words.size > 0)
        expect(
          [...words].filter((word) => word !== 'other' && !known.includes(word)),
          name,
        ).toEqual([]);
    }
  });
});

type Parts = ReturnType<IntlMessageFormat['getAst']>;

function parsed(message: string): Parts {
  return new IntlMessageFormat(message, 'en', undefined, { ignoreTag: true }).getAst();
}

/** The arguments of a message, each with the words by which it chooses. */
function collect(parts: Parts, used: Map<string, Set<string>>): void {
  for (const part of parts) {
    if (part.type === LITERAL || !('value' in part)) continue;
    const words = used.get(part.value) ?? new Set();
    used.set(part.value, words);
    if (!('options' in part)) continue;
    const isPlural = 'pluralType' in part;
    for (const [word, { value }] of Object.entries(part.options)) {
      if (!isPlural) words.add(word);
      collect(value, used);
    }
  }
}

/** `TYPE.literal` of ICU's parser. */
const LITERAL = 0;
