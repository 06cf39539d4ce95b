import { describe, expect, it } from 'vitest';
import { dayFromToday, recoveryState } from '../../../src/renderer/text/recovery.ts';
import type { WindowStatus } from '../../../src/shared/bridge.ts';

const NOW = new Date(2026, 9, 12, 18);
const at = (day: number) => new Date(2026, 9, day, 9).toISOString();
const status = (more: Partial<WindowStatus>): WindowStatus => ({
  home: '/home',
  state: 'unlocked',
  software: '0',
  runtime: 'test',
  ...more,
});
const folder = (path: string, trouble?: string) => ({
  path,
  state: 'there' as const,
  synced: false,
  ...(trouble === undefined ? {} : { trouble }),
});
const drill = (...day: [number, number, number]) => ({ at: new Date(...day, 9).toISOString(), created: '' });
const last = { at: at(12), path: '/media/STICK', sequence: 3 };

describe('the state of a vault towards its loss', () => {
  it.each<[string, Partial<WindowStatus>, string, RegExp]>([
    ['no backup', { backups: { folders: [] } }, 'bad', /^There is no backup\./],
    [
      'no phrase',
      { backups: { folders: [] }, findings: [{ kind: 'NoBackupPossible', message: '' }] },
      'bad',
      /^No backup is possible yet/,
    ],
    [
      'one today, and a drill in time',
      { backups: { last, drill: drill(2026, 9, 3), folders: [folder('/media/STICK')] } },
      'good',
      /^Backed up today on STICK; phrase checked on 3 October 2026\.$/,
    ],
    [
      'one today, and a drill long ago',
      { backups: { last, drill: drill(2026, 6, 13), folders: [folder('/media/STICK')] } },
      'warn',
      /^Backed up today on STICK; phrase checked on 13 July 2026\.$/,
    ],
    [
      'one today, and no drill',
      { backups: { last, folders: [folder('/media/STICK')] } },
      'warn',
      /^Backed up today on STICK; phrase never checked\.$/,
    ],
    ['one, by hand', { backups: { last, folders: [] } }, 'warn', /No folder gets backups by itself\.$/],
    [
      'a failure since',
      { backups: { last, folders: [folder('/media/STICK'), folder('C:\\Sync', 'full')] } },
      'bad',
      /The last attempt on Sync failed\.$/,
    ],
    ['rescue', { rescue: true, backups: { last, folders: [] } }, 'bad', /^This vault is damaged\./],
    ['a throw-away vault', {}, 'warn', /gets no backups/],
  ])('says of %s what is true', (_what, more, tone, words) => {
    const said = recoveryState(status(more), NOW);
    expect(said.tone).toBe(tone);
    expect(said.text).toMatch(words);
  });

  it('counts days by the calendar, not by 24 hours', () => {
    expect(dayFromToday(new Date(2026, 9, 11, 23, 59).toISOString(), new Date(2026, 9, 12, 0, 1))).toBe(
      'yesterday',
    );
    expect(dayFromToday(at(12), NOW)).toBe('today');
    expect(dayFromToday(at(3), NOW)).toBe('on 3 October 2026');
  });
});
