import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where each folder of public test data comes from. */
export const VECTOR_SOURCES = {
  wycheproof: 'https://github.com/C2SP/wycheproof (testvectors_v1/)',
  'aws-encryption-sdk': 'https://github.com/aws/aws-encryption-sdk (test vectors)',
  sigv4: 'https://github.com/boto/botocore (tests/unit/auth/aws4_testsuite)',
  'aws-kms-recorded-errors.json':
    'https://github.com/localstack/localstack (KMS snapshots, tests/aws/services/kms)',
} as const;

/**
 * The path of public test data under the folder that KEYWARD_VECTORS names. Without it the test is skipped
 * through `skip` (of vitest's test context), with the public source as the reason. Throws if the variable names
 * a folder that is not there.
 */
export function vectorsFolder(name: keyof typeof VECTOR_SOURCES, skip: (note: string) => never): string {
  const root = process.env['KEYWARD_VECTORS'] ?? '';
  if (root === '') {
    return skip(
      `needs public test data: put ${VECTOR_SOURCES[name]} into a folder as "${name}" and set KEYWARD_VECTORS to that folder`,
    );
  }
  const path = join(root, name);
  if (!existsSync(path)) throw new Error(`KEYWARD_VECTORS is set, but there is no ${path}`);
  return path;
}

/** One test of a Wycheproof file with the fields of its group beside its own. */
export type WycheproofTest = {
  readonly tcId: number;
  readonly comment: string;
  readonly flags: readonly string[];
  readonly result: 'valid' | 'invalid' | 'acceptable';
  readonly group: { readonly [field: string]: unknown };
  /** A field that holds hex. */
  bytes(field: string): Buffer;
  /** A field that holds a number. */
  number(field: string): number;
};

/** All tests of `<name>_test.json` in a Wycheproof folder. */
export function wycheproofTests(folder: string, name: string): WycheproofTest[] {
  const file = JSON.parse(readFileSync(join(folder, `${name}_test.json`), 'utf8')) as {
    numberOfTests: number;
    testGroups: { tests: Record<string, unknown>[]; [field: string]: unknown }[];
  };
  const tests = file.testGroups.flatMap(({ tests: inGroup, ...group }) =>
    inGroup.map((test) => ({
      tcId: Number(test['tcId']),
      comment: String(test['comment']),
      flags: test['flags'] as string[],
      result: test['result'] as WycheproofTest['result'],
      group,
      bytes: (field: string) => Buffer.from(String(test[field]), 'hex'),
      number: (field: string) => Number(test[field]),
    })),
  );
  if (tests.length !== file.numberOfTests) throw new Error(`${name}: not all tests were read`);
  return tests;
}
