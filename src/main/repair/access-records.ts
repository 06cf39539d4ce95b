import type { RecordRow } from '../store/record-row.ts';
import { bodyOf, type Draft } from './draft.ts';
import type { DecidedKeys } from './keys.ts';

const ALIASES = 'aliases';
const GRANTS = 'grants';
const REVOKED_GRANTS = 'revoked-grants';
const CLIENTS = 'clients';
const ACCESS_KEYS = 'access-keys';
const SETTINGS = 'settings';
const PROTECTORS = 'protectors';

/** Names of keys: one that may not be the newest is kept only for a key that does nothing before the owner has looked at it. */
export function decideAliases(draft: Draft, { alive, closed }: DecidedKeys): void {
  for (const id of draft.ids(ALIASES)) {
    const found = draft.of(ALIASES, id);
    const row = found.certain ? found.row : found.candidates[0];
    if (row === undefined) {
      if (!found.certain) draft.tell(ALIASES, id, 'lost', 'The key has lost a name, and nothing else.');
      continue;
    }
    const target = String(bodyOf(row)['target']);
    if (!alive.has(target)) continue;
    if (found.certain) draft.keep(ALIASES, id, found);
    else if (closed.has(target)) {
      draft.put(ALIASES, id, bodyOf(row));
      draft.tell(
        ALIASES,
        id,
        'kept',
        'Nothing proves that the key still had this name; look whether it is right.',
      );
    } else
      draft.tell(ALIASES, id, 'dropped', 'Nothing proves which key had this name last, so none has it now.');
  }
}

/** Grants: only those that are known to stand. The mark of one that was revoked stays, whatever proves it, and wins over it. */
export function decideGrants(draft: Draft, { alive }: DecidedKeys): void {
  const revoked = decideRevokedGrants(draft, alive);
  for (const id of draft.ids(GRANTS)) {
    const found = draft.of(GRANTS, id);
    if (!alive.has(keyOf(id))) continue;
    if (found.certain && found.row === undefined) continue;
    if (revoked.has(id)) draft.tell(GRANTS, id, 'dropped', 'The grant was revoked, and stays so.');
    else if (found.certain) draft.keep(GRANTS, id, found);
    else
      draft.tell(
        GRANTS,
        id,
        'dropped',
        'Nothing proves that the grant still stood. Make it again if it should stand.',
      );
  }
}

/** Without its mark a grant could come back from an older backup. Gives the names of those that were revoked. */
function decideRevokedGrants(draft: Draft, alive: ReadonlySet<string>): Set<string> {
  const revoked = new Set<string>();
  for (const id of draft.ids(REVOKED_GRANTS)) {
    const found = draft.of(REVOKED_GRANTS, id);
    if (!alive.has(keyOf(id)) || (found.certain && found.row === undefined)) continue;
    revoked.add(id);
    if (found.certain) {
      draft.keep(REVOKED_GRANTS, id, found);
      continue;
    }
    const [row] = found.candidates;
    draft.put(REVOKED_GRANTS, id, row === undefined ? { revoked: draft.circumstances.now } : bodyOf(row));
    draft.tell(REVOKED_GRANTS, id, 'made-anew', 'The grant stays revoked.');
  }
  return revoked;
}

function keyOf(name: string): string {
  return name.split('/')[0] ?? '';
}

/** Clients: one that may have been revoked since comes back revoked. Access keys follow from the clients. */
export function decideClients(draft: Draft): void {
  for (const id of draft.ids(CLIENTS)) {
    const found = draft.of(CLIENTS, id);
    if (found.certain) {
      draft.keep(CLIENTS, id, found);
      continue;
    }
    const bodies = found.candidates.map(bodyOf);
    const body = bodies.find((each) => each['revoked'] !== undefined) ?? bodies[0];
    if (body === undefined) {
      draft.tell(CLIENTS, id, 'lost', 'The client is gone, and its access key opens nothing.');
      continue;
    }
    const { secret: _sealed, ...rest } = body;
    draft.put(CLIENTS, id, { ...rest, revoked: body['revoked'] ?? draft.circumstances.now });
    draft.tell(
      CLIENTS,
      id,
      'revoked',
      'Nothing proves that the client was not revoked, so it is now. Make a new one if it should go on.',
    );
  }
  const open = new Map<string, string>();
  for (const row of draft.rows(CLIENTS)) {
    const { accessKeyId, revoked } = bodyOf(row);
    if (typeof accessKeyId === 'string' && revoked === undefined) open.set(accessKeyId, row.id);
  }
  for (const [accessKeyId, client] of open) draft.put(ACCESS_KEYS, accessKeyId, { client });
}

/** What stands for a setting that is not known: its default, or what is safer. */
const SAFER: { readonly [setting: string]: boolean } = { 'open-files-without-audit': false };

/** Settings: of those that are not known the default holds, or what lets less happen. */
export function decideSettings(draft: Draft): void {
  for (const id of new Set([...draft.ids(SETTINGS), ...Object.keys(SAFER)])) {
    const found = draft.of(SETTINGS, id);
    if (found.certain) {
      draft.keep(SETTINGS, id, found);
      continue;
    }
    const safer = SAFER[id];
    if (safer !== undefined) draft.put(SETTINGS, id, safer);
    draft.tell(
      SETTINGS,
      id,
      'default',
      safer === undefined ? 'Its default holds.' : 'It is off until you say otherwise: keyward config',
    );
  }
}

/**
 * Ways to unlock. `record`: whether the record that a row speaks of is there. One that is in doubt stays if a whole second
 * file has it (`mayDoubt`) or it is the one that just opened the vault (`opener`); that of a share set that was taken
 * away (`ended`, by id) never.
 */
export function decideProtectors(
  draft: Draft,
  {
    record,
    mayDoubt,
    opener,
    ended,
  }: {
    readonly ended: ReadonlySet<string>;
    readonly record: (id: string, digest: string) => boolean;
    readonly mayDoubt: (row: RecordRow) => boolean;
    readonly opener: string;
  },
): void {
  for (const id of draft.ids(PROTECTORS)) {
    const found = draft.of(PROTECTORS, id);
    const row = found.certain ? found.row : found.candidates[0];
    if (found.certain && row === undefined) continue;
    if (ended.has(id)) {
      draft.tell(PROTECTORS, id, 'dropped', 'The set of shares was taken away, and stays so.');
      continue;
    }
    const isThere = row !== undefined && record(id, String(bodyOf(row)['digest']));
    if (!isThere) {
      draft.tell(PROTECTORS, id, 'lost', 'This way to unlock is gone. Add one with: keyward protectors add');
    } else if (found.certain) draft.keep(PROTECTORS, id, found);
    else if (row !== undefined && (id === opener || mayDoubt(row))) {
      draft.put(PROTECTORS, id, bodyOf(row));
      draft.tell(
        PROTECTORS,
        id,
        'kept',
        'Nothing proves that this way to unlock was not taken away; see: keyward protectors list',
      );
    } else
      draft.tell(
        PROTECTORS,
        id,
        'dropped',
        'Nothing proves that this way to unlock still stood. Add one with: keyward protectors add',
      );
  }
}

/** Rooms whose rows give nobody a right: what is in doubt stays as it is. */
const HARMLESS: readonly string[] = [
  'audit-epochs',
  'backup-folders',
  'backups',
  'device',
  'former-logs',
  'former-uses',
  'revocations',
  'vault',
];

/** All other rooms. What is in doubt stays only where it gives nobody a right. */
export function decideRest(draft: Draft, decided: readonly string[]): void {
  const done = [...decided, ALIASES, GRANTS, REVOKED_GRANTS, CLIENTS, ACCESS_KEYS, SETTINGS, PROTECTORS];
  for (const room of draft.rooms.filter((each) => !done.includes(each))) {
    for (const id of draft.ids(room)) {
      const found = draft.of(room, id);
      const row = found.certain ? found.row : found.candidates[0];
      if (found.certain) draft.keep(room, id, found);
      else if (row === undefined) draft.tell(room, id, 'lost', MISSED[room] ?? 'No file is affected.');
      else if (HARMLESS.includes(room)) {
        draft.put(room, id, bodyOf(row));
        draft.tell(room, id, 'kept', 'It may not be the newest, and gives nobody a right.');
      } else
        draft.tell(
          room,
          id,
          'dropped',
          MISSED[room] ?? 'Nothing proves that it still stood. No file is affected.',
        );
    }
  }
}

const MISSED: { readonly [room: string]: string } = {
  device:
    'This installation becomes a device of its own once the recovery phrase has unlocked it: keyward unlock --recovery-file',
  revocations:
    'It told of a revocation that was not finished. If yours was not, revoke once more: keyward protectors revoke',
};
