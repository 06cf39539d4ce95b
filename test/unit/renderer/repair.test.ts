import { describe, expect, it } from 'vitest';
import { planText } from '../../../src/renderer/text/repair.ts';
import { damageText, namesOf, partName } from '../../../src/renderer/text/vault-parts.ts';
import type { PagePlan } from '../../../src/shared/bridge.ts';

const KEY = '11111111-2222-4333-8444-555555555555';
const OTHER = '99999999-2222-4333-8444-555555555555';
const names = { [KEY]: 'alias/tax-papers' };
const step = (row: string, action: PagePlan['steps'][number]['action']) => ({ row, action, message: '' });

describe('a part of the vault in words', () => {
  it.each([
    [`keys/${KEY}`, 'The key “Tax papers”'],
    [`key-versions/${KEY}/${'a'.repeat(64)}`, 'A version of the key “Tax papers”'],
    [`grants/${OTHER}/abc`, 'A permission for the key “99999999…”'],
    ['aliases/alias/tax-papers', 'The name “Tax papers” of a key'],
    ['clients/backup-script', 'The program “backup-script”'],
    ['settings/idle-minutes', 'The setting when the vault locks by itself'],
    ['protectors/1', 'A way to unlock'],
    ['of-a-later-version/x', 'A part that Keyward keeps for itself (of-a-later-version/x)'],
    ['settings/constructor', 'The setting constructor'],
  ])('%s is “%s”', (row, text) => {
    expect(partName(row, namesOf(names))).toBe(text);
  });

  it('that is lost says what that means for files, and one that was found elsewhere that nothing is lost', () => {
    const nameOf = namesOf(names);
    expect(damageText({ name: `keys/${KEY}`, verdict: 'lost' }, nameOf)).toBe(
      'The key “Tax papers” is lost. Files encrypted under it can’t be opened here; a backup has it.',
    );
    expect(damageText({ name: 'sets/catalog', verdict: 'lost' }, nameOf)).toMatch(/No file is affected\.$/);
    expect(damageText({ name: `keys/${KEY}`, verdict: 'from-second-file' }, nameOf)).toMatch(
      /Nothing is lost/,
    );
  });
});

describe('a plan of a repair in words', () => {
  it('tells all of a key together, what is lost apart from what changes, and counts what comes back as it was', () => {
    const text = planText({
      names,
      steps: [
        step(`key-policies/${KEY}`, 'owner-only'),
        step(`key-versions/${OTHER}/v`, 'lost'),
        step(`keys/${KEY}`, 'disabled'),
        step(`keys/${OTHER}`, 'lost'),
        step('settings/idle-minutes', 'default'),
        step('aliases/alias/a', 'from-backup'),
        step('grants/g/1', 'from-second-file'),
        step('grants/g/2', 'from-second-file'),
      ],
    });
    expect(text.changed.map(({ title, lines }) => [title, lines.length])).toEqual([
      ['The key “Tax papers”', 2],
      ['The setting when the vault locks by itself', 1],
    ]);
    expect(text.lost.map(({ title, lines }) => [title, lines.length])).toEqual([['The key “99999999…”', 2]]);
    expect(text.whole).toEqual(['2 parts from the vault’s second file', '1 part from the backup']);
  });

  it('has a sentence of its own for each action, also for rooms that it does not know', () => {
    const actions = [
      'made-anew',
      'default',
      'kept',
      'disabled',
      'owner-only',
      'revoked',
      'dropped',
      'lost',
    ] as const;
    const { changed, lost } = planText({
      names,
      steps: actions.map((action) => step(`new/${action}`, action)),
    });
    expect(lost).toEqual([]);
    expect(changed.flatMap(({ lines }) => lines).every((line) => /\.$/.test(line))).toBe(true);
  });
});
