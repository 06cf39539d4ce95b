import { BACKUP_FAULT } from './en/errors/backup.ts';
import { format } from './format.ts';

/** What is wrong with a backup that was found, `why` of its facts: a clause without a full stop. */
export function backupTrouble(why = 'not-whole'): string {
  // A hyphen can't stand in the name of a choice of an ICU message.
  return format(BACKUP_FAULT, { why: why.replaceAll('-', '_') });
}
