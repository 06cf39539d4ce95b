import { describe, expect, it } from 'vitest';
import { fromLine, fromList } from '../../../src/main/disk/extended-metadata.ts';
import { timeText } from '../../../src/main/vault/attributes.ts';
import { givenPermissions, keptPermissions, withoutGroup } from '../../../src/main/vault/permissions.ts';

const PLAIN = { acl: false, attributes: [] } as const;

describe('pitfall 57: nobody has more access than before', () => {
  it('to a file of another group: its group and all others have what both had, whatever the mode was', () => {
    for (let mode = 0; mode <= 0o777; mode++) {
      const after = withoutGroup(mode);
      const [group, others] = [(mode >> 3) & 7, mode & 7];
      expect(after & 0o700, mode.toString(8)).toBe(mode & 0o700);
      // Whoever is not the owner was in the group or was not, and is in the new one or is not.
      for (const now of [(after >> 3) & 7, after & 7]) {
        expect(now & ~group, mode.toString(8)).toBe(0);
        expect(now & ~others, mode.toString(8)).toBe(0);
      }
    }
    expect(withoutGroup(0o644)).toBe(0o644);
    expect(withoutGroup(0o664)).toBe(0o644);
    expect(withoutGroup(0o640)).toBe(0o600);
  });

  it('from a file with an access control list, or where that is not known: to nobody but its owner', () => {
    for (const acl of [true, undefined]) {
      const { mode, notes } = keptPermissions(0o664, { acl, attributes: [] }, true);
      expect(mode).toBe(0o600);
      expect(notes).toHaveLength(1);
    }
    // A list whose mask is empty gives nobody anything.
    expect(keptPermissions(0o600, { acl: true, attributes: [] }, true)).toEqual({ mode: 0o600, notes: [] });
  });

  it('without a list, in the same group: the mode as it was; what is lost is said', () => {
    expect(keptPermissions(0o4664, PLAIN, true)).toEqual({ mode: 0o4664, notes: [] });
    expect(keptPermissions(0o644, PLAIN, false)).toEqual({ mode: 0o644, notes: [] });
    const other = keptPermissions(
      0o660,
      { acl: false, attributes: ['user.a', 'user.b', 'user.c', 'user.d'] },
      false,
    );
    expect(other.mode).toBe(0o600);
    expect(other.notes.join(' ')).toMatch(/its group.*user\.a, user\.b, user\.c and 1 more\./);
  });

  it('by a new file: never set-user-id, within the umask for strangers, nothing to a list from its folder', () => {
    const own = { acl: false, sameGroup: true, umask: 0 };
    expect(givenPermissions(0o6777, own)).toBe(0o777);
    expect(givenPermissions(0o666, { ...own, umask: 0o027 })).toBe(0o640);
    expect(givenPermissions(0o664, { ...own, acl: true })).toBe(0o604);
    expect(givenPermissions(0o640, { ...own, sameGroup: false })).toBe(0o600);
  });
});

describe('what the system says of a file', () => {
  it('getfattr: names under the line of that very file, without those that the system keeps for itself', () => {
    const said =
      '# file: /proc/self/fd/3\nsecurity.selinux\n\n# file: /proc/self/fd/31\nsystem.posix_acl_access\nuser.a\nsecurity.capability\n\n';
    expect(fromList(said, '/proc/self/fd/3')).toEqual({ acl: false, attributes: [] });
    expect(fromList(said, '/proc/self/fd/31')).toEqual({
      acl: true,
      attributes: ['user.a', 'security.capability'],
    });
    expect(fromList(said, '/proc/self/fd/4')).toEqual({ acl: false, attributes: [] });
  });

  it('ls: a plus behind the mode; nothing is not the same as no list', () => {
    const said =
      '-rw-rw----+ 1 0 0 0 Nov 30 15:22 /proc/self/fd/3\n-rw-rw----. 1 0 0 0 Nov 30 15:22 /proc/self/fd/4\n';
    expect(fromLine(said, '/proc/self/fd/3')).toBe(true);
    expect(fromLine(said, '/proc/self/fd/4')).toBe(false);
    expect(fromLine(said, '/proc/self/fd/5')).toBeUndefined();
  });
});

it('times are told to the nanosecond, in any year', () => {
  expect(timeText(0n)).toBe('1970-01-01T00:00:00Z');
  expect(timeText(-1n)).toBe('1969-12-31T23:59:59.999999999Z');
  expect(timeText(1_714_557_600_000_000_001n)).toBe('2024-05-01T10:00:00.000000001Z');
  expect(timeText(10n ** 26n)).toBe('100000000000000000 seconds after 1970');
});
