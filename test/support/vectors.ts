import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where each folder of public test data comes from. */
export const VECTOR_SOURCES = {
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
