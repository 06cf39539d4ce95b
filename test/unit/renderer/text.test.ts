import { describe, expect, it } from 'vitest';
import { errorText } from '../../../src/renderer/text/errors.ts';
import { parts } from '../../../src/renderer/text/file-names.ts';
import { jobEnded, jobTitle, outcomeLines } from '../../../src/renderer/text/jobs.ts';
import { aliasFor, keyName } from '../../../src/renderer/text/keys.ts';
import { type Sample, speed, timeLeft, withSample } from '../../../src/renderer/text/rate.ts';
import type { Job } from '../../../src/shared/bridge.ts';
import { fail } from '../../../src/shared/errors.ts';

describe('a job over a folder', () => {
  type Some = Partial<Pick<Job, 'kind' | 'state' | 'files' | 'counts' | 'outcomes' | 'sources'>>;
  const ended = (more: Some): Job => ({
    ...{
      id: `j-${'0'.repeat(32)}`,
      kind: 'encrypt',
      state: 'done',
      interrupted: false,
      key: null,
      title: 'Documents',
      sources: 1,
    },
    ...{ done: 0, total: null, file: 0, files: 0, current: '', startedAt: 0, endedAt: 1, omitted: 0 },
    ...{ counts: { done: 0, failed: 0, cancelled: 0, skipped: 0 }, outcomes: [], results: [] },
    ...more,
  });

  it('says how many were done, not how many were looked at, and has a line for each outcome (pitfall 72)', () => {
    const job = ended({
      files: 400,
      counts: { done: 2, failed: 0, cancelled: 0, skipped: 398 },
      outcomes: [
        { outcome: 'done', count: 2 },
        { outcome: 'up-to-date', count: 198 },
        { outcome: 'encrypted', count: 200 },
      ],
    });
    expect(jobTitle(job)).toBe('Encrypted 2 files');
    expect(outcomeLines(job)).toEqual([
      '2 files encrypted',
      '198 files up to date already',
      '200 files encrypted already',
    ]);
  });

  it('in which there was nothing new, or nothing at all, says so', () => {
    const again = ended({
      files: 400,
      counts: { done: 0, failed: 0, cancelled: 0, skipped: 400 },
      outcomes: [{ outcome: 'up-to-date', count: 400 }],
    });
    expect(jobEnded(again)).toBe('Nothing new: Documents.');
    expect(jobTitle(ended({ kind: 'decrypt' }))).toBe('Nothing to decrypt: Documents');
    expect(outcomeLines(ended({}))).toEqual([]);
  });

  it('counts what failed against what was tried', () => {
    const counts = { done: 3, failed: 1, cancelled: 0, skipped: 10 };
    expect(jobTitle(ended({ state: 'failed', files: 14, counts }))).toBe('Encrypted 3 of 4 files');
    const none = { done: 0, failed: 4, cancelled: 0, skipped: 0 };
    expect(jobTitle(ended({ state: 'failed', files: 4, counts: none }))).toBe('Not encrypted: 4 files');
  });
});

describe('names', () => {
  it('keep their endings when there is no room', () => {
    expect(parts('A long name.pdf.keyward')).toEqual({ stem: 'A long name', tail: '.pdf.keyward' });
    expect(parts('Photo.JPG.Keyward')).toEqual({ stem: 'Photo', tail: '.JPG.Keyward' });
    expect(parts('.keyward')).toEqual({ stem: '.keyward', tail: '' });
    expect(parts('README')).toEqual({ stem: 'README', tail: '' });
    expect(parts('.hidden')).toEqual({ stem: '.hidden', tail: '' });
    expect(parts('x.a-very-long-ending')).toEqual({ stem: 'x.a-very-long-ending', tail: '' });
  });
});

describe('keys', () => {
  it('have names for people and aliases for the service', () => {
    expect(keyName({ aliases: ['alias/my-files'], keyId: 'k' })).toBe('My files');
    expect(keyName({ aliases: [], keyId: 'k' })).toBe('k');
    expect(aliasFor('  Tax papers 2026! ')).toBe('alias/tax-papers-2026');
    expect(aliasFor('Čtení')).toBe('alias/cteni');
    expect(aliasFor(' ?! ')).toBe('');
  });
});

describe('errors', () => {
  it('tell the next step of the window, not of the command', () => {
    const error = fail('target-exists', { path: '/a/x.pdf' }).toBody();
    expect(errorText(error)).toBe(
      '/a/x.pdf exists already and was left as it is. Choose another name or folder, or have it replaced.',
    );
  });

  it('call keys by their names and make names in them safe to show', () => {
    const arn = 'arn:aws:kms:local:000000000000:key/8e479ea1-18fe-43c5-afda-8883ef9aa0ee';
    expect(errorText({ message: `${arn} is disabled.` }, () => 'Old practice')).toBe(
      'Old practice is disabled.',
    );
    expect(errorText({ message: 'a\u202Eb is gone.' })).toBe('a‹U+202E›b is gone.');
  });
});

describe('pitfall 49: speed and time left', () => {
  const at = (...pairs: [number, number][]) =>
    pairs.reduce<readonly Sample[]>((all, [time, done]) => withSample(all, { at: time, done }), []);

  it('are not said before they are known', () => {
    expect(speed(at([0, 0]))).toBeUndefined();
    expect(speed(at([0, 0], [100, 5]))).toBeUndefined();
    expect(timeLeft(at([0, 0], [1_000, 50]), null)).toBeUndefined();
  });

  it('follow the last seconds, not the whole job', () => {
    const samples = at([0, 0], [1_000, 1_000], [10_000, 2_000], [11_000, 3_000], [12_000, 4_000]);
    expect(speed(samples)).toBe(1_000);
    expect(timeLeft(samples, 10_000)).toBe(6_000);
  });

  it('never say less than nothing is left', () => {
    expect(timeLeft(at([0, 0], [1_000, 500]), 400)).toBe(0);
  });
});
