import { createHash, randomInt } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dispatch } from '../../../src/main/kms/dispatch.ts';
import type { Caller } from '../../../src/main/kms/types.ts';
import { fieldsOf } from '../../../src/main/server/wire.ts';
import { isKeywardError } from '../../../src/shared/errors.ts';
import {
  KMS_OPERATION_NAMES,
  KMS_OPERATIONS,
  type KmsField,
  type KmsOperation,
} from '../../../src/shared/kms-operations.ts';
import { newKey, newVault, OWNER, type TestVault } from './support.ts';

const SEED = Number(process.env['KEYWARD_TEST_SEED'] ?? randomInt(2 ** 31));
const RUNS = Number(process.env['KEYWARD_TEST_RUNS'] ?? 25);
/** An entry of the log may be as long as a policy of 32 KiB with every character escaped, and what goes with it. */
const MAX_ENTRY = 220_000;
const SDK: Caller = { ...OWNER, client: 'sdk' };

const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

/** JSON that an operation may not expect anywhere. */
const odd = fc.oneof(
  fc.constantFrom(
    ...['null', 'true', '[]', '{}', '""', '0', '-0', '-1', '1.5', '1e400', '-1e400', '9007199254740993'],
    ...['"\\u0000"', '"\\ud800"', '"__proto__"', '"constructor"', '"arn:"', '"alias/"', '"alias/\\n"'],
    ...['{"__proto__":"x"}', '{"constructor":{"prototype":1}}', '{"":""}', '[null]', '[""]', '[["a"]]'],
    ...['{"toString":"x","hasOwnProperty":"y"}', '{"length":3}', '[{"TagKey":"__proto__","TagValue":""}]'],
    '{"EncryptionContextEquals":{"__proto__":"x"}}',
    '{"EncryptionContextEquals":{},"EncryptionContextSubset":{}}',
    deep(5_000),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }).map((text) => JSON.stringify(text)),
  fc.integer({ min: 1, max: 60_000 }).map((length) => JSON.stringify('x'.repeat(length))),
  fc.integer({ min: 1, max: 9_000 }).map((length) => JSON.stringify(Array(length).fill('x'))),
  fc.integer({ min: 1, max: 4_000 }).map((count) => {
    const pairs = Array.from({ length: count }, (_, n) => [`key-${n}`, 'v']);
    return JSON.stringify({ EncryptionContextEquals: Object.fromEntries(pairs), [`k${count}`]: {} });
  }),
  fc.json({ maxDepth: 3 }),
);

/** JSON of a field's own kind, sound or nearly so. `names`: what is there. */
function likely(name: string, kind: KmsField, names: readonly string[]): fc.Arbitrary<string> {
  const text = (...known: string[]) => fc.constantFrom(...known.map((one) => JSON.stringify(one)));
  switch (kind.replace('!', '')) {
    case 'truth':
      return fc.constantFrom('true', 'false');
    case 'number':
      return fc.integer({ min: -2, max: 400 }).map(String);
    case 'date':
      return fc.integer({ min: 1_700_000_000, max: 1_800_000_000 }).map(String);
    case 'blob':
      return fc.base64String({ maxLength: 200 }).map((one) => JSON.stringify(one));
    case 'map':
      return fc.dictionary(fc.string(), fc.string()).map((one) => JSON.stringify(one));
    case 'texts':
      return fc.constantFrom('["Encrypt"]', '["Decrypt","CreateGrant"]', '["a"]', '[]');
    case 'tags':
      return fc.constantFrom('[{"TagKey":"a","TagValue":"b"}]', '[{"TagKey":"aws:a","TagValue":""}]');
    case 'constraints':
      return fc.constantFrom('{"EncryptionContextSubset":{"a":"b"}}', '{"EncryptionContextEquals":{}}');
    default:
      if (/KeyId$/.test(name)) return text(...names);
      if (/Principal$/.test(name)) return text(OWNER.principal, 'arn:aws:iam::000000000000:root');
      return text('AES_256', 'SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_256', 'alias/b', 'HMAC_SHA_256', 'default');
  }
}

/** JSON of the type of a field, with contents that nobody expects. */
function strange(kind: KmsField): fc.Arbitrary<string> {
  const texts = fc.oneof(
    fc.constantFrom(
      '\u0000',
      '\ud800',
      '__proto__',
      'constructor',
      'arn:',
      'arn:aws:kms:local:000000000000:key/',
    ),
    fc.constantFrom('alias/', 'alias/\n', 'alias/aws/x', 'aws:x', '*', 'x'.repeat(2_049), '🗝'.repeat(600)),
    fc.string({ unit: 'binary', maxLength: 300 }),
  );
  const map = fc.dictionary(texts, texts, { maxKeys: 12 });
  switch (kind.replace('!', '')) {
    case 'text':
      return texts.map((one) => JSON.stringify(one));
    case 'number':
    case 'date':
      return fc.constantFrom('1e400', '-1e400', '0', '-0', '1.5', '-1', '9007199254740993', '1e308', '4e15');
    case 'blob':
      return fc
        .uint8Array({ maxLength: 7_000 })
        .map((one) => JSON.stringify(Buffer.from(one).toString('base64')));
    case 'map':
      return fc.oneof(
        map.map((one) => JSON.stringify(one)),
        fc.constant('{"__proto__":"x"}'),
      );
    case 'texts':
      return fc.array(texts, { maxLength: 60 }).map((one) => JSON.stringify(one));
    case 'constraints':
      return map.map((one) => JSON.stringify({ EncryptionContextEquals: one }));
    case 'tags':
      return fc
        .array(fc.record({ TagKey: texts, TagValue: texts }), { maxLength: 60 })
        .map((one) => JSON.stringify(one));
    default:
      return odd;
  }
}

/** The JSON of an input: each field of the operation left out, likely, strange or odd, and some that it does not have. */
function inputs(operation: KmsOperation, names: readonly string[]): fc.Arbitrary<string> {
  const fields: [string, KmsField][] = Object.entries(KMS_OPERATIONS[operation]);
  const each = fields.map(([name, kind]) =>
    fc
      .oneof(
        { weight: 20, arbitrary: likely(name, kind, names) },
        { weight: 5, arbitrary: strange(kind) },
        { weight: 1, arbitrary: odd },
      )
      .map((json) => `${JSON.stringify(name)}:${json}`),
  );
  const some = fc.tuple(
    ...each.map((one) => fc.option(one, { freq: 12, nil: undefined })),
    fc.option(
      odd.map((json) => `"__proto__":${json}`),
      { nil: undefined },
    ),
  );
  return some.map((parts) => `{${parts.filter((part) => part !== undefined).join(',')}}`);
}

/** What decides things in a vault, as one hash. */
function stateOf({ store }: TestVault): string {
  const hash = createHash('sha256');
  const rows = store.read((tx) =>
    tx.all<{ room: string; id: string; body: Buffer }>(
      "SELECT room, id, body FROM records WHERE room <> 'audit' ORDER BY room, id",
    ),
  );
  for (const { room, id, body } of rows) hash.update(`${room}/${id}/${body.length}/`).update(body);
  return hash.digest('hex');
}

function longestEntry({ store }: TestVault): number {
  return store.read((tx) => tx.get<{ n: number }>('SELECT max(length(body)) AS n FROM audit'))?.n ?? 0;
}

/** Names that every object inherits: a table indexed by outside text would find them. */
const INHERITED = ['__proto__', 'constructor', 'toString', 'valueOf', 'hasOwnProperty'];

/** For each field that is a text, inputs with an inherited name there and sound values in the others. */
function inheritedNames(operation: KmsOperation, names: readonly string[]): string[] {
  const fields: [string, KmsField][] = Object.entries(KMS_OPERATIONS[operation]);
  const sound = (name: string, kind: KmsField) =>
    fc.sample(likely(name, kind, names.slice(0, 1)), { seed: SEED, numRuns: 10 });
  const known = fields.map(([name, kind]) => [name, sound(name, kind)] as const);
  return fields
    .filter(([, kind]) => kind.startsWith('text') && kind !== 'texts')
    .flatMap(([field]) =>
      INHERITED.flatMap((one) =>
        Array.from({ length: 10 }, (_, n) => {
          const values = known.map(([name, texts]) => (name === field ? JSON.stringify(one) : texts[n]));
          return `{${known.map(([name], at) => `${JSON.stringify(name)}:${values[at]}`).join(',')}}`;
        }),
      ),
    );
}

/** Runs it and demands an answer, or an error by an AWS name after which nothing has changed. */
async function answersOrErrs(vault: TestVault, operation: KmsOperation, text: string): Promise<void> {
  const before = stateOf(vault);
  try {
    JSON.stringify(await dispatch(vault.kms, SDK, operation, fieldsOf(Buffer.from(text))));
  } catch (error) {
    if (!isKeywardError(error)) throw error;
    expect(error.code).toMatch(/Exception$/);
    expect(error.message.length).toBeLessThan(5_000);
    expect(stateOf(vault)).toBe(before);
  }
}

describe('whatever is asked', () => {
  it.each(KMS_OPERATION_NAMES)(
    `%s answers or errs by an AWS name, and then changes nothing (seed ${SEED})`,
    async (operation) => {
      const vault = newVault();
      const { id, arn } = await newKey(vault, 'alias/a');
      const names = [id, id, arn, 'alias/a', `${id}x`, arn.replace('local', 'elsewhere')];
      await fc.assert(
        fc.asyncProperty(inputs(operation, names), async (text) => {
          await answersOrErrs(vault, operation, text);
        }),
        { seed: SEED, numRuns: RUNS },
      );
      expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
      expect(longestEntry(vault)).toBeLessThan(MAX_ENTRY);
      expect(await vault.audit.verify()).toMatchObject({ ok: true });
    },
  );

  it.each(KMS_OPERATION_NAMES)('%s takes names that objects inherit for texts', async (operation) => {
    const vault = newVault();
    const { id } = await newKey(vault, 'alias/a');
    for (const text of inheritedNames(operation, [id])) await answersOrErrs(vault, operation, text);
    expect(await vault.audit.verify()).toMatchObject({ ok: true });
  });
});
