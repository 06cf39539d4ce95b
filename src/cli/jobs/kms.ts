import { readSmallFile } from '../../main/disk/tree.ts';
import { type Json, KeywardError } from '../../shared/errors.ts';
import {
  KMS_OPERATION_NAMES,
  KMS_OPERATIONS,
  KMS_REFUSED,
  type KmsField,
  type KmsOperation,
} from '../../shared/kms-operations.ts';
import type { Face } from '../face.ts';
import type { VaultOptions } from '../options.ts';
import { withVault } from '../vault/access.ts';

const MOST_FILE_BYTES = 1 << 20;

type Input = { [field: string]: Json };

/** `kms OPERATION [OPTIONS]` */
export async function callKms(
  face: Face,
  word: string | undefined,
  words: readonly string[],
  options: VaultOptions,
): Promise<void> {
  if (word === undefined || word === 'help') return sayOperations(face);
  const operation = KMS_OPERATION_NAMES.find((name) => wordOf(name) === word);
  const refused = Object.entries(KMS_REFUSED).find(([name]) => wordOf(name) === word);
  if (refused !== undefined)
    throw new KeywardError('UnsupportedOperationException', `${refused[0]}: ${refused[1]}`);
  if (operation === undefined) {
    throw new KeywardError(
      'Usage',
      `There is no operation "${word}". "keyward kms" lists those that there are.`,
    );
  }
  if (words[0] === 'help') return sayFields(face, operation);
  const input = await inputOf(face, operation, words);
  await withVault(face, options, async (vault) => {
    const { output } = await vault.call('kms.call', { operation, input });
    face.document(output);
    // AWS answers nothing where there is nothing to say.
    if (Object.keys(output).length > 0) face.say(JSON.stringify(output, null, 4));
  });
}

/** `CreateKey` as `create-key`, as AWS's command writes names. */
function wordOf(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

function sayOperations(face: Face): void {
  face.document({ operations: KMS_OPERATION_NAMES.map(wordOf) });
  for (const name of KMS_OPERATION_NAMES) face.say(wordOf(name));
}

function sayFields(face: Face, operation: KmsOperation): void {
  const fields = Object.entries<KmsField>(KMS_OPERATIONS[operation]);
  face.document({ operation, options: fields.map(([name]) => `--${wordOf(name)}`) });
  face.say(`keyward kms ${wordOf(operation)}`);
  for (const [name, kind] of fields) {
    face.say(`  --${wordOf(name)} ${VALUES[kind]}${kind.endsWith('!') ? '  (required)' : ''}`);
  }
  face.say('  --cli-input-json JSON');
}

const VALUES: { readonly [K in KmsField]: string } = {
  text: 'TEXT',
  'text!': 'TEXT',
  truth: '| --no-…',
  number: 'NUMBER',
  date: 'SECONDS SINCE 1970 | 2027-01-31T12:00:00Z',
  blob: 'BASE64 | fileb://PATH',
  'blob!': 'BASE64 | fileb://PATH',
  map: 'name=value,name=value | JSON',
  texts: 'TEXT…',
  'texts!': 'TEXT…',
  constraints: 'EncryptionContextSubset={name=value,…} | JSON',
  tags: 'TagKey=…,TagValue=… | JSON',
  'tags!': 'TagKey=…,TagValue=… | JSON',
};

/** The input that the words make; options stand over what `--cli-input-json` says. */
async function inputOf(face: Face, operation: KmsOperation, words: readonly string[]): Promise<Input> {
  const fields = Object.entries<KmsField>(KMS_OPERATIONS[operation]);
  const input: Input = {};
  let whole: Input = {};
  for (let at = 0; at < words.length; ) {
    const option = words[at] ?? '';
    let end = at + 1;
    while (end < words.length && !words[end]?.startsWith('--')) end++;
    const values = words.slice(at + 1, end);
    at = end;
    if (option === '--cli-input-json') {
      whole = record(option, parsed(option, (await textOf(face, one(option, values))).toString('utf8')));
      continue;
    }
    const no = option.startsWith('--no-');
    const found = fields.find(([name]) => option === `--${no ? 'no-' : ''}${wordOf(name)}`);
    if (found === undefined || (no && found[1] !== 'truth')) {
      throw new KeywardError(
        'Usage',
        `${option} is not an option of ${wordOf(operation)}. See: keyward kms ${wordOf(operation)} help`,
      );
    }
    input[found[0]] = await fieldOf(face, option, found[1], values, no);
  }
  return { ...whole, ...input };
}

async function fieldOf(
  face: Face,
  option: string,
  kind: KmsField,
  values: readonly string[],
  no: boolean,
): Promise<Json> {
  if (!kind.startsWith('blob') && values[0]?.startsWith('file://')) {
    const text = (await textOf(face, one(option, values))).toString('utf8');
    return fieldOf(face, option, kind, [text], no);
  }
  switch (kind.replace('!', '')) {
    case 'truth':
      if (values.length > 0) throw new KeywardError('Usage', `${option} takes no value.`);
      return !no;
    case 'number': {
      const text = one(option, values);
      if (!/^-?\d{1,15}$/.test(text)) throw new KeywardError('Usage', `${option} takes a whole number.`);
      return Number(text);
    }
    case 'date': {
      const text = one(option, values);
      const seconds = /^\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : Date.parse(text) / 1_000;
      if (Number.isNaN(seconds)) {
        throw new KeywardError('Usage', `${option} takes a date such as 2027-01-31T12:00:00Z.`);
      }
      return seconds;
    }
    case 'blob': {
      const text = one(option, values);
      if (!/^fileb?:\/\//.test(text)) return text;
      return (await textOf(face, text)).toString('base64');
    }
    case 'texts':
      return [...values];
    case 'map':
      return values[0]?.startsWith('{') ? parsed(option, one(option, values)) : pairs(option, values);
    case 'constraints':
      return values[0]?.startsWith('{') ? parsed(option, one(option, values)) : constraints(option, values);
    case 'tags':
      if (values[0]?.startsWith('[')) return parsed(option, one(option, values));
      return values.map((value) => pairs(option, [value]));
    default:
      return one(option, values);
  }
}

function one(option: string, values: readonly string[]): string {
  if (values.length === 1 && values[0] !== undefined) return values[0];
  throw new KeywardError('Usage', `${option} takes one value.`);
}

/** Bytes behind `file://PATH` or `fileb://PATH`; else those of the text itself. */
async function textOf(face: Face, text: string): Promise<Buffer> {
  const path = /^fileb?:\/\/(.*)$/s.exec(text)?.[1];
  return path === undefined ? Buffer.from(text) : readSmallFile(face.absolute(path), MOST_FILE_BYTES);
}

function parsed(option: string, text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new KeywardError('Usage', `${option}: this is not JSON.`);
  }
}

function record(option: string, value: Json): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new KeywardError('Usage', `${option} takes a JSON object.`);
  }
  return Object.fromEntries(Object.entries(value) as [string, Json][]);
}

/** AWS's shorthand: `EncryptionContextSubset={name=value,…}`. */
function constraints(option: string, values: readonly string[]): Json {
  const [, name, inner] = /^(\w+)=\{(.*)\}$/s.exec(one(option, values)) ?? [];
  if (name === undefined || inner === undefined) {
    throw new KeywardError('Usage', `${option} takes JSON, or a name with ={name=value,…} behind it.`);
  }
  return { [name]: pairs(option, [inner]) };
}

function pairs(option: string, values: readonly string[]): Json {
  const split = values.flatMap((value) => value.split(','));
  return Object.fromEntries(
    split.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw new KeywardError('Usage', `${option} takes name=value, and "${pair}" is not that.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
