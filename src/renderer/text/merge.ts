import type { PageMerge } from '../../shared/bridge.ts';
import { countText } from '../../shared/measures.ts';
import { escaped } from './file-names.ts';
import { day } from './format.ts';
import { keyName } from './keys.ts';
import { wayWord } from './ways.ts';

type Change = PageMerge['changes'][number];
type Difference = PageMerge['differences'][number];
type Kept = PageMerge['kept'][number];

/** What uniting two vaults does, in a sentence. */
export function changeText({ kind, name, count = 1, what = '' }: Change): string {
  const key = called(name);
  switch (kind) {
    case 'key':
      return `The key ${key} is added.`;
    case 'version':
      return `The key ${key} gets ${countText(count, 'version')} that it lacks here.`;
    case 'current':
      return `New files under ${key} are encrypted under the latest of both versions.`;
    case 'version-disabled':
      return `A version of ${key} is switched off, as there.`;
    case 'disabled':
      return `The key ${key} is switched off, as there.`;
    case 'deletion':
      return `The key ${key} is to be deleted${what === '' ? '' : ` on ${day(what)}`}, as there.`;
    case 'to-be-shredded':
      return `The key ${key} was destroyed there. It does nothing from now on, and is destroyed here after a day, unless you cancel that under Keys.`;
    case 'shredded':
      return `The key ${key} was destroyed on purpose, and is left out.`;
    case 'denial':
      return `Who may not use ${key} there may not use it here.`;
    case 'grant-revoked':
      return `A permission for ${key} is taken back, as there.`;
    case 'client-revoked':
      return `The program “${escaped(name)}” loses its access, as there.`;
    case 'recovery-ended':
      return `The ${wayWord(name)} was taken away there: it opens neither the vault nor new backups.`;
  }
}

/** What a backup has and does not bring, and why. */
export function keptText({ kind, name, why }: Kept): string {
  const what = { key: 'The key', grant: 'A permission for', client: 'The program', denial: 'A denial for' }[
    kind
  ];
  return `${what} ${kind === 'client' ? `“${escaped(name)}”` : called(name)} is not brought: ${escaped(why)}`;
}

const KINDS: { readonly [K in Difference['kind']]: string } = {
  description: 'Description',
  tags: 'Tags',
  rotation: 'Rotation',
  policy: 'Who may use it',
  grant: 'A permission',
  client: 'A program’s access',
  alias: 'A name',
  setting: 'A setting',
};

/** In what vault and backup differ, as the label of a choice. */
export function differenceText({ kind, name }: Difference): string {
  const of = kind === 'setting' || kind === 'client' ? `“${escaped(name)}”` : called(name);
  return `${KINDS[kind]}: ${of}`;
}

/** What vault and backup have of it; `text` null: nothing. */
export function valueText(text: string | null): string {
  if (text === null) return 'nothing';
  const line = escaped(text.replaceAll(/\s+/g, ' '));
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}

/** So much of a text that differs is shown. */
const MAX_SHOWN = 120;

function called(name: string): string {
  return `“${escaped(name.startsWith('alias/') ? keyName({ keyId: name, aliases: [name] }) : name)}”`;
}
