import { readSmallFile } from '../../main/disk/tree.ts';
import { fail, type Json, KeywardError } from '../../shared/errors.ts';
import {
  KMS_FIELDS_REFUSED,
  KMS_OPERATIONS,
  type KmsField,
  type KmsOperation,
} from '../../shared/kms-operations.ts';
import type { Console } from '../console.ts';

/* The words of `aws kms OPERATION` as the input of the operation (AWS CLI User Guide, "Specifying parameter values"). */

const MAX_FILE_BYTES = 1 << 20;

type Input = { [field: string]: Json };

/** Options of the `aws` command itself, which have no meaning for one operation. */
const OF_AWS = [
  ...['output', 'query', 'region', 'profile', 'endpoint-url', 'debug', 'color', 'ca-bundle', 'version'],
  ...['no-sign-request', 'no-verify-ssl', 'no-paginate', 'page-size', 'max-items', 'starting-token'],
  ...['cli-input-yaml', 'cli-binary-format', 'cli-read-timeout', 'cli-connect-timeout'],
  ...['no-cli-pager', 'cli-auto-prompt', 'no-cli-auto-prompt'],
];

/** `CreateKey` as `create-key`, as AWS's command writes names. */
export function wordOf(name: string): string {
  return name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

/** The input that the words make; options stand over what `--cli-input-json` says. Throws `Usage`, disk errors. */
export async function inputOf(
  console: Console,
  operation: KmsOperation,
  words: readonly string[],
): Promise<Input> {
  const fields = Object.entries<KmsField>(KMS_OPERATIONS[operation]);
  const input: Input = {};
  let whole: Input = {};
  for (const [option, values] of optionsOf(words)) {
    if (option === '--cli-input-json') {
      whole = record(option, parsed(option, (await textOf(console, one(option, values))).toString('utf8')));
      continue;
    }
    const no = option.startsWith('--no-');
    const found = fields.find(([name]) => option === `--${no ? 'no-' : ''}${wordOf(name)}`);
    if (found === undefined || (no && found[1] !== 'truth')) throw unknown(operation, option);
    input[found[0]] = await fieldOf(console, option, found[1], values, no);
  }
  return { ...whole, ...input };
}

/** Options with the values behind them: `--name value value` or `--name=value`. */
function* optionsOf(words: readonly string[]): Generator<[string, string[]]> {
  for (let at = 0; at < words.length; ) {
    const [, option = words[at] ?? '', value] = /^(--[^=]*)=(.*)$/s.exec(words[at] ?? '') ?? [];
    let end = at + 1;
    while (end < words.length && !words[end]?.startsWith('--')) end++;
    yield [option, [...(value === undefined ? [] : [value]), ...words.slice(at + 1, end)]];
    at = end;
  }
}

function unknown(operation: KmsOperation, option: string): KeywardError {
  const refused = Object.entries(KMS_FIELDS_REFUSED).find(([name]) => option === `--${wordOf(name)}`);
  if (refused !== undefined) {
    return fail('option-refused', { option: refused[0], why: refused[1] });
  }
  if (OF_AWS.includes(option.slice(2))) {
    return fail('option-of-aws-command', { option });
  }
  return fail('option-of-other-operation', { option, operation: wordOf(operation) });
}

async function fieldOf(
  console: Console,
  option: string,
  kind: KmsField,
  values: readonly string[],
  no: boolean,
): Promise<Json> {
  if (values[0]?.startsWith('file://')) {
    const text = (await textOf(console, one(option, values))).toString('utf8');
    // As in AWS CLI 2: text of a file is what the option itself would take, for bytes base64 in lines.
    return fieldOf(console, option, kind, [kind.startsWith('blob') ? text.replaceAll(/\s/g, '') : text], no);
  }
  switch (kind) {
    case 'truth':
      if (values.length > 0) throw fail('option-without-value', { option });
      return !no;
    case 'number': {
      const text = one(option, values);
      if (!/^-?\d{1,15}$/.test(text)) throw fail('option-takes-whole-number', { option });
      return Number(text);
    }
    case 'date': {
      const text = one(option, values);
      const seconds = /^\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : Date.parse(text) / 1_000;
      if (Number.isNaN(seconds)) {
        throw fail('option-takes-date', { option });
      }
      return seconds;
    }
    case 'blob':
    case 'blob!': {
      const text = one(option, values);
      return text.startsWith('fileb://') ? (await textOf(console, text)).toString('base64') : text;
    }
    case 'texts':
    case 'texts!':
      return values[0]?.startsWith('[') ? parsed(option, one(option, values)) : [...values];
    case 'map':
      return values[0]?.startsWith('{')
        ? parsed(option, one(option, values))
        : pairs(option, values.join(','));
    case 'constraints':
      return values[0]?.startsWith('{') ? parsed(option, one(option, values)) : constraints(option, values);
    case 'tags':
    case 'tags!':
      if (values[0]?.startsWith('[')) return parsed(option, one(option, values));
      return values.map((value) => pairs(option, value));
    default:
      return one(option, values);
  }
}

function one(option: string, values: readonly string[]): string {
  if (values.length === 1 && values[0] !== undefined) return values[0];
  throw fail('option-takes-one-value', { option });
}

/** Bytes behind `file://PATH` or `fileb://PATH`, `~/` being the user's folder; else those of the text itself. */
async function textOf(console: Console, text: string): Promise<Buffer> {
  const path = /^fileb?:\/\/(.*)$/s.exec(text)?.[1];
  if (path === undefined) return Buffer.from(text);
  const { HOME } = console.around.env;
  const whole = path.startsWith('~/') && HOME !== undefined ? HOME + path.slice(1) : path;
  return readSmallFile(console.absolute(whole), MAX_FILE_BYTES, console.signal);
}

function parsed(option: string, text: string): Json {
  try {
    return JSON.parse(text, (name, value: Json) => {
      refuseProto(option, name);
      return value;
    }) as Json;
  } catch (error) {
    if (error instanceof KeywardError) throw error;
    throw fail('option-not-json', { option });
  }
}

/** Such a name would be lost on its way through objects: a context would bind less than was asked for. */
function refuseProto(option: string, name: string): void {
  if (name === '__proto__') throw fail('option-with-forbidden-name', { option });
}

function record(option: string, value: Json): Input {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw fail('option-takes-json-object', { option });
  }
  return Object.fromEntries(Object.entries(value) as [string, Json][]);
}

/** AWS's shorthand: `EncryptionContextSubset={name=value,…},EncryptionContextEquals={…}`. */
function constraints(option: string, values: readonly string[]): Json {
  const text = values.join(',');
  const parts = [...text.matchAll(/(?:^|,)(\w+)=\{([^{}]*)\}(?=,|$)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== text) {
    throw fail('option-takes-json', { option });
  }
  return Object.fromEntries(parts.map(([, name = '', inner = '']) => [name, pairs(option, inner)]));
}

/** AWS's shorthand for a map: `name=value,name=value`, a value with commas in quotes. */
function pairs(option: string, text: string): { [name: string]: string } {
  const found = new Map<string, string>();
  const pair = /([^=,]+)=("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^,]*)(?:,|$)/sy;
  do {
    const at = pair.lastIndex;
    const [, name, value] = pair.exec(text) ?? [];
    if (name === undefined || value === undefined) {
      const [part = ''] = text.slice(at).split(',');
      throw fail('option-takes-pairs', { option, text: part });
    }
    refuseProto(option, name);
    if (found.has(name)) throw fail('option-name-twice', { option, name });
    found.set(name, unquoted(value));
  } while (pair.lastIndex < text.length);
  return Object.fromEntries(found);
}

function unquoted(value: string): string {
  if (!/^(["']).*\1$/s.test(value) || value.length < 2) return value;
  return value.slice(1, -1).replaceAll(/\\(["'\\])/g, '$1');
}
