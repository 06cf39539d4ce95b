import type { VaultStatus } from '../../shared/contract.ts';
import type { KeywardError } from '../../shared/errors.ts';
import type { Role } from '../../shared/roles.ts';
import type { AuditTrouble } from '../audit/log.ts';
import { runtimeName, SOFTWARE } from '../home/locked-status.ts';
import { newerKeysFindings } from '../home/newer-keys.ts';
import { listProtectors } from '../unlock/protectors.ts';
import { shareCount } from '../unlock/recovery-recipients.ts';
import { backupState } from './backup-state.ts';
import { isRevocationPending, revocationUnfinished } from './revocation-mark.ts';
import type { Services } from './services.ts';
import { damageFinding, ifReadable, keysFileBehind, readable, type SessionFacts } from './session-facts.ts';

/** What changes of a session while it is open. `since`: ISO 8601; `damage`: why it answers nothing else any more. */
type SessionState = {
  readonly since: string;
  readonly idleMinutes: number | null;
  readonly role: Role | undefined;
  readonly endpoint: VaultStatus['endpoint'];
  readonly damage: KeywardError | undefined;
};

/** The status of an open vault. What another program has made unreadable is left out. */
export async function openStatus(
  services: Services,
  facts: SessionFacts,
  now: SessionState,
): Promise<VaultStatus> {
  const { identity, home, kind, selfTests, checks, rescue } = facts;
  const { store, records, audit } = services;
  const { trouble } = audit;
  const { role, endpoint, damage } = now;
  const { findings: found } = checks;
  const backups = identity.throwAway ? undefined : await backupState(services).catch(ifReadable);
  const isPending = readable(() => store.read((tx) => isRevocationPending(tx, records))) === true;
  const findings = [
    ...found,
    ...newerKeysFindings(home),
    ...(services.keysFile?.isBehind ? [keysFileBehind()] : []),
    ...(backups?.findings ?? []),
    ...(isPending ? [revocationUnfinished()] : []),
    ...(damage === undefined ? [] : [damageFinding(damage)]),
  ];
  return {
    home,
    state: 'unlocked',
    ...(rescue === undefined ? {} : { rescue: true as const }),
    software: SOFTWARE,
    runtime: runtimeName(),
    vaultId: identity.id,
    account: identity.account,
    region: identity.region,
    throwAway: identity.throwAway,
    createdAt: new Date(identity.created).toISOString(),
    protectors: store.read(listProtectors),
    owner: {
      ...{ pid: process.pid, kind, since: now.since },
      // A command ends by itself, and whoever uses the endpoint may be silent for long.
      idleMinutes: kind === 'command' || endpoint !== undefined ? null : now.idleMinutes,
      ...(role === undefined ? {} : { role }),
    },
    ...(endpoint === undefined ? {} : { endpoint }),
    ...readable(() => ({
      keys: store.read((tx) => records.count(tx, 'keys')),
      defaultKey: services.settings()['default-key'],
      auditHead: audit.head(),
      ...store.read((tx) => shareCount(tx, records)),
    })),
    ...(trouble === undefined ? {} : { auditTrouble: troubleOf(trouble, audit.held) }),
    ...(backups === undefined ? {} : { backups: backups.state }),
    ...(findings.length === 0 ? {} : { findings }),
    selfTests: selfTests.map((test) => ({ ...test })),
  };
}

function troubleOf({ because, since }: AuditTrouble, held: number): VaultStatus['auditTrouble'] {
  return { because, since: new Date(since).toISOString(), held };
}
