import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as sdk from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { KMS_OPERATIONS, KMS_REFUSED, type KmsField } from '../../../src/shared/kms-operations.ts';

const page = resolve(import.meta.dirname, '../../../docs/kms-api.md');
const supported = Object.entries<{ readonly [field: string]: KmsField }>(KMS_OPERATIONS);
const names = [...Object.keys(KMS_OPERATIONS), ...Object.keys(KMS_REFUSED)].sort();

/** The table of the page, one row for each operation. */
function table(): string {
  const fields = new Map(supported);
  const rows = names.map((name) => {
    const own = fields.get(name);
    if (own === undefined) return `| ${name} | no | ${KMS_REFUSED[name as keyof typeof KMS_REFUSED]} |`;
    const list = Object.entries(own).map(([field, kind]) => (kind.endsWith('!') ? `**${field}**` : field));
    return `| ${name} | yes | ${list.join(', ')} |`;
  });
  return [
    '| operation | here | fields of its input (bold: must be there), or why not |',
    '|---|---|---|',
    ...rows,
  ].join('\n');
}

describe('docs/kms-api.md', () => {
  it('lists all operations as they are', () => {
    // To write the table anew: KEYWARD_WRITE_DOCS=1 npx vitest run test/unit/project/kms-api.test.ts
    const text = readFileSync(page, 'utf8');
    const now = `${text.slice(0, text.indexOf('| operation |'))}${table()}\n`;
    if (process.env['KEYWARD_WRITE_DOCS'] === '1') writeFileSync(page, now);
    else expect(text).toBe(now);
  });

  it('knows every operation that AWS’s own client has, and no other', () => {
    const theirs = Object.keys(sdk)
      .filter((name) => name.endsWith('Command') && name !== '$Command')
      .map((name) => name.slice(0, -'Command'.length))
      .sort();
    expect(theirs).toEqual(names);
  });
});
