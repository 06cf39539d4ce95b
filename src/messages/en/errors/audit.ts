import type { AUDIT_REASONS } from '../../../shared/reasons/audit.ts';
import { MEND } from './mend.ts';
import type { ErrorTexts } from './types.ts';

/** The sentences of these reasons. */
export const auditErrors: ErrorTexts<typeof AUDIT_REASONS> = {
  'audit-without-beginning': {
    what: 'The audit log has no beginning.',
    ...MEND,
  },
  'last-uses-changed': {
    what: 'The vault was changed from outside: what it keeps of the last uses of keys is not as Keyward wrote it.',
    command: 'Ask the log itself when a key was used: "keyward audit list --key KEY".',
  },
  'audit-entry-changed': {
    what: "The audit log was changed from outside: its entry {seq} is not Keyward's.",
    command: 'Run "keyward audit verify".',
    window: 'Look at the log in Activity, and keep the vault as it is.',
  },
  'audit-key-lost': { what: 'The audit log has lost its signing key.', ...MEND },
  'self-test-failed':
    'The cryptography of this computer gave wrong answers ({failed}), so Keyward does no work with it. Install Keyward again; if that does not help, use another computer.',
  'audit-unwritable':
    "Keyward can't write its audit log: {why, select, moved {its file {path} was removed or replaced while the vault was open} full {the disk is full} other {the disk is read-only}}. Nothing was changed. {why, select, moved {Put it back} full {Free some space} other {Make the folder writable}}, and try again.",
  'audit-check-cancelled': 'The log was not walked to its end: cancelled.',
};
