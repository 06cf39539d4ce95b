import { fail, type Json } from '../../shared/errors.ts';
import {
  KMS_OPERATION_NAMES,
  KMS_OPERATIONS,
  KMS_REFUSED,
  type KmsField,
  type KmsOperation,
} from '../../shared/kms-operations.ts';
import type { VaultOptions } from '../common-options.ts';
import type { Console } from '../console.ts';
import { withVault } from '../vault/access.ts';
import { inputOf, wordOf } from './kms-input.ts';

/** `kms OPERATION [OPTIONS]` */
export async function callKms(
  console: Console,
  word: string | undefined,
  words: readonly string[],
  options: VaultOptions,
): Promise<void> {
  if (word === undefined || (word === 'help' && words.length === 0)) return sayOperations(console);
  if (word === 'help') return sayFields(console, operationOf(words[0] ?? ''));
  const operation = operationOf(word);
  if (words[0] === 'help') return sayFields(console, operation);
  console.help = `See: keyward kms ${word} help`;
  if (words.includes('--generate-cli-skeleton')) return saySkeleton(console, operation);
  const input = await inputOf(console, operation, words);
  await withVault(console, options, async (vault) => {
    const { output } = await vault.call('kms.call', { operation, input });
    console.document(output);
    // AWS answers nothing where there is nothing to say.
    if (Object.keys(output).length > 0) console.say(JSON.stringify(output, null, 4));
  });
}

function operationOf(word: string): KmsOperation {
  const refused = Object.entries(KMS_REFUSED).find(([name]) => wordOf(name) === word);
  if (refused !== undefined) throw fail('operation-refused', { operation: refused[0], why: refused[1] });
  const operation = KMS_OPERATION_NAMES.find((name) => wordOf(name) === word);
  if (operation !== undefined) return operation;
  const letters = word.replaceAll('-', '').toLowerCase();
  const meant = KMS_OPERATION_NAMES.find((name) => name.toLowerCase() === letters);
  throw meant === undefined
    ? fail('no-such-operation', { word })
    : fail('operation-misspelt', { word, meant: wordOf(meant) });
}

function sayOperations(console: Console): void {
  console.document({ operations: KMS_OPERATION_NAMES.map(wordOf) });
  for (const name of KMS_OPERATION_NAMES) console.say(wordOf(name));
}

function fieldsOf(operation: KmsOperation): [string, KmsField][] {
  return Object.entries<KmsField>(KMS_OPERATIONS[operation]);
}

function sayFields(console: Console, operation: KmsOperation): void {
  const fields = fieldsOf(operation);
  console.document({ operation, options: fields.map(([name]) => `--${wordOf(name)}`) });
  console.say(`keyward kms ${wordOf(operation)}`);
  for (const [name, kind] of fields) {
    const word = wordOf(name);
    const value = kind === 'truth' ? `| --no-${word}` : VALUES[kind];
    console.say(`  --${word} ${value}${kind.endsWith('!') ? '  (required)' : ''}`);
  }
  console.say('  --cli-input-json JSON | file://PATH');
  console.say('  --generate-cli-skeleton');
}

const VALUES: { readonly [K in Exclude<KmsField, 'truth'>]: string } = {
  text: 'TEXT | file://PATH',
  'text!': 'TEXT | file://PATH',
  number: 'NUMBER',
  date: 'SECONDS SINCE 1970 | 2027-01-31T12:00:00Z',
  blob: 'BASE64 | fileb://PATH',
  'blob!': 'BASE64 | fileb://PATH',
  map: 'name=value,name=value | JSON',
  texts: 'TEXT… | JSON',
  'texts!': 'TEXT… | JSON',
  constraints: 'EncryptionContextSubset={name=value,…} | JSON',
  tags: 'TagKey=…,TagValue=… | JSON',
  'tags!': 'TagKey=…,TagValue=… | JSON',
};

/** An input with nothing in it, to be filled in for `--cli-input-json`. */
function saySkeleton(console: Console, operation: KmsOperation): void {
  const input = Object.fromEntries(fieldsOf(operation).map(([name, kind]) => [name, SKELETON[kind]]));
  console.document(input);
  console.say(JSON.stringify(input, null, 4));
}

const SKELETON: { readonly [K in KmsField]: Json } = {
  text: '',
  'text!': '',
  truth: true,
  number: 0,
  date: '1970-01-01T00:00:00',
  blob: '',
  'blob!': '',
  map: { KeyName: '' },
  texts: [''],
  'texts!': [''],
  constraints: { EncryptionContextSubset: { KeyName: '' }, EncryptionContextEquals: { KeyName: '' } },
  tags: [{ TagKey: '', TagValue: '' }],
  'tags!': [{ TagKey: '', TagValue: '' }],
};
