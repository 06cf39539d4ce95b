import { afterEach, describe, expect, it } from 'vitest';
import { backupTrouble } from '../../../src/messages/backup-trouble.ts';
import { ERROR_TEXTS } from '../../../src/messages/en/errors/index.ts';
import { NOTE_TEXTS } from '../../../src/messages/en/notes.ts';
import { errorText, type Told } from '../../../src/messages/errors.ts';
import { chooseLanguage } from '../../../src/messages/format.ts';
import {
  awsError,
  fail,
  fromErrorBody,
  kindsOf,
  type NoteReason,
  type Reason,
  setErrorWords,
} from '../../../src/shared/errors.ts';
import { BACKUP_REASONS } from '../../../src/shared/reasons/backup.ts';
import type { ParamKind } from '../../../src/shared/reasons/reason-table.ts';

const REASON_NAMES = Object.keys({ ...ERROR_TEXTS, ...NOTE_TEXTS }) as (Reason | NoteReason)[];

afterEach(() => {
  chooseLanguage(['en']);
  setErrorWords(({ message }) => message);
});

/** Every body that a reason can have: one for each combination of its words. */
function bodiesOf(reason: Reason | NoteReason): Told[] {
  let all: { [name: string]: unknown }[] = [{}];
  for (const [name, kind] of Object.entries(kindsOf(reason) ?? {})) {
    all = all.flatMap((one) => samples(kind, name).map((value) => ({ ...one, [name]: value })));
  }
  return all.map((params) => ({ reason, params: params as NonNullable<Told['params']>, message: 'UNTOLD' }));
}

function samples(kind: ParamKind, name: string): unknown[] {
  if (typeof kind === 'object') return [...kind];
  if (kind.startsWith('number')) return [1, 12_345];
  if (kind === 'texts') return [[`${name}-1`, `${name}-2`]];
  if (kind === 'error') return [{ code: 'WrongKey', message: `${name}-value` }];
  return [`${name}-value`];
}

describe('the sentences of errors', () => {
  it.each(REASON_NAMES)(
    '%s: all of its words, in each face, with every parameter that they name',
    (reason) => {
      for (const body of bodiesOf(reason)) {
        for (const face of [undefined, 'command', 'window'] as const) {
          const text = errorText(body, face);
          expect(text).not.toMatch(/UNTOLD|undefined|\{\w+[,}]/);
          expect(text).toMatch(/^\S.*\S$/);
          expect(text).not.toMatch(/ {2}|\.\.(?!\.)/);
        }
      }
    },
  );

  it.each(REASON_NAMES)('%s: says nothing of the command in the window', (reason) => {
    for (const body of bodiesOf(reason)) {
      if (kindsOf(reason) === undefined || OF_THE_COMMAND.has(reason)) continue;
      expect(errorText(body, 'window')).not.toMatch(/(^|\s)--[a-z]|\bkeyward [a-z]+\b|KEYWARD_/);
    }
  });

  it('a reason of another version is told in the words that came with it, and so is one with other parameters', () => {
    const message = 'Words of the other version.';
    expect(errorText({ reason: 'not-known-here', params: {}, message })).toBe(message);
    expect(errorText({ reason: 'target-exists', params: { file: '/x' }, message })).toBe(message);
    expect(errorText({ reason: 'target-exists', params: { path: 7 }, message })).toBe(message);
    expect(errorText({ reason: 'constructor', params: {}, message })).toBe(message);
    const known = errorText({ reason: 'target-exists', params: { path: '/x' }, message }, 'command');
    expect(known).toMatch(/^\/x exists already.*--overwrite/);
  });

  it('an error within an error is told with it, in the same face', () => {
    const inner = fail('file-cut-short', { path: '/x', length: 12_345 });
    const outer = fail('partial-left-behind', { error: inner.toBody(), partial: '/p' });
    expect(outer.code).toBe('FileTruncated');
    expect(errorText(outer, 'command')).toMatch(/12,345 bytes.*--salvage.*\/p\. It is on record/);
    expect(errorText(outer, 'window')).not.toContain('--salvage');
  });

  it('data is data: braces, apostrophes and brackets in a name stay as they are', () => {
    const path = "/a{b}'{c}<d>#";
    expect(errorText(fail('target-exists', { path }))).toContain(path);
  });

  it("AWS's words stay as they are", () => {
    expect(errorText(awsError('NotFoundException', "Key 'x' does not exist"))).toBe("Key 'x' does not exist");
  });

  it('crosses a border with code, reason, parameters, details and the words of whoever sent it', () => {
    setErrorWords((body) => errorText(body));
    const sent = fail('source-is-folder', { path: '/x' });
    expect(sent.message).toBe('source-is-folder {"path":"/x"}');
    const body = JSON.parse(JSON.stringify(sent.toBody()));
    expect(body).toEqual({
      code: 'SourceIsFolder',
      message: '/x is a folder.',
      reason: 'source-is-folder',
      params: { path: '/x' },
      details: { path: '/x' },
    });
    const come = fromErrorBody(body);
    expect(errorText(come, 'command')).toBe(
      '/x is a folder. Add --each to work on every file in it, one by one.',
    );
    const other = fromErrorBody({ ...body, reason: 'of-a-later-version' });
    expect(errorText(other, 'command')).toBe('/x is a folder.');
    expect(other.toBody().message).toBe('/x is a folder.');
  });

  it('in the pseudo-locale every letter of a sentence has an accent, and every value stays', () => {
    chooseLanguage(['en-XA']);
    const text = errorText(fail('target-in-vault', { path: '/name' }), 'command');
    expect(text).toContain('/name');
    expect(text.replaceAll('/name', '')).not.toMatch(/[a-z]/i);
    expect(text).toMatch(/^⟦.*⟧ ⟦.*⟧$/);
  });
});

/** Reasons that only the command has. */
const OF_THE_COMMAND = new Set<string>(
  Object.keys((await import('../../../src/shared/reasons/command.ts')).COMMAND_REASONS),
);

describe('what is wrong with a backup', () => {
  const faults = BACKUP_REASONS['backup-damaged'][1].why.filter((why) => why !== 'material');

  it('is a clause of its own for each, not its name, and one of another version is not whole', () => {
    const clauses = faults.map(backupTrouble);
    expect(clauses.filter((clause) => !/^(it|its|the|what) [a-z ]+$/.test(clause))).toEqual([]);
    expect(new Set(clauses).size).toBe(faults.length);
    expect(backupTrouble('of-next-year')).toBe(backupTrouble());
  });
});
