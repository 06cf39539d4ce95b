import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** One test of a Wycheproof file with the fields of its group beside its own. */
export type WycheproofTest = {
  readonly tcId: number;
  /** For messages of a failure: number, comment and flags. */
  readonly says: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly group: { readonly [field: string]: unknown };
  /** The test's own fields as they stand in the file. */
  readonly own: { readonly [field: string]: unknown };
  /** A field of the test that holds hex; no bytes if it is not there. */
  bytes(field: string): Buffer;
  /** A field of the test that holds a number. */
  number(field: string): number;
};

type Kept = {
  readonly [file: string]: {
    readonly numberOfTests: number;
    readonly testGroups: readonly {
      readonly tests: readonly Record<string, unknown>[];
      readonly [field: string]: unknown;
    }[];
  };
};

const FOLDER = join(import.meta.dirname, '../vectors/wycheproof');

/** The files of one primitive, by name, with all tests that are kept of each; see test/vectors/wycheproof. */
export function wycheproofFiles(
  family: string,
): { readonly name: string; readonly tests: WycheproofTest[] }[] {
  const text = brotliDecompressSync(readFileSync(join(FOLDER, `${family}.json.br`))).toString();
  return Object.entries(JSON.parse(text) as Kept).map(([name, { testGroups }]) => ({
    name,
    tests: testGroups.flatMap(({ tests, ...group }) => tests.map((own) => testOf(own, group))),
  }));
}

function testOf(own: Record<string, unknown>, group: WycheproofTest['group']): WycheproofTest {
  const flags = (own['flags'] ?? []) as string[];
  return {
    tcId: Number(own['tcId']),
    says: `tcId ${String(own['tcId'])}: ${String(own['comment'] ?? '')} [${flags.join(' ')}]`,
    flags,
    result: own['result'] as WycheproofTest['result'],
    group,
    own,
    bytes: (field) => Buffer.from(String(own[field] ?? ''), 'hex'),
    number: (field) => Number(own[field]),
  };
}
