import type { VaultStatus } from '../../shared/contract.ts';
import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import { lastDrill } from './drill-date.ts';
import type { Services } from './services.ts';

type State = NonNullable<VaultStatus['backups']>;

/** Where the backups of an open vault stand, and what is to be found about that. */
export async function backupState({
  store,
  records,
  backups,
}: Pick<Services, 'store' | 'records' | 'backups'>): Promise<{
  readonly state: State;
  readonly findings: Finding[];
}> {
  const folders = await backups.folders();
  const last = backups.newest();
  const drill = lastDrill({ store, records });
  const state = {
    folders,
    ...(last === undefined ? {} : { last }),
    ...(drill === undefined
      ? {}
      : { drill: { at: new Date(drill.at).toISOString(), created: drill.created } }),
  };
  if (!store.read((tx) => backups.isPossible(tx)))
    return { state, findings: [{ kind: 'NoBackupPossible', ...say('no-backup-possible') }] };
  const failed = folders.flatMap(({ path, trouble }): Finding[] =>
    trouble === undefined ? [] : [{ kind: 'BackupFailed', ...say('backup-failed', { path, why: trouble }) }],
  );
  return { state, findings: [...(last === undefined ? [noneYet()] : []), ...failed] };
}

function noneYet(): Finding {
  return {
    kind: 'NoBackup',
    ...say('no-backup-yet'),
  };
}
