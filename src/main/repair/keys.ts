import { untold } from '../kms/keys/reset-deletion-notice.ts';
import { keyRow } from '../kms/keys/row-schemas.ts';
import { bodyOf, type Draft, type JsonFields } from './draft.ts';

const KEYS = 'keys';
const VERSIONS = 'key-versions';
const POLICIES = 'key-policies';
const TOMBSTONES = 'shredded-keys';
const USES = 'message-key-uses';

/** What became of the keys: which there are, and which of them give no right before the owner says so. */
export type DecidedKeys = {
  readonly alive: ReadonlySet<string>;
  readonly closed: ReadonlySet<string>;
  readonly shredded: ReadonlySet<string>;
};

/**
 * Decides on keys, their versions, policies and counts. A key of which the row, the policy or a version is in doubt comes
 * back disabled, with a policy for the owner alone; what was pending deletion stays so, and what any witness knows to be
 * shredded stays shredded. `uses`: the count after which a version takes no more data keys of AWS messages.
 */
export function decideKeys(draft: Draft, uses: number): DecidedKeys {
  const shredded = tombstones(draft);
  const versions = versionsOf(draft);
  const alive = new Set<string>();
  const closed = new Set<string>();
  for (const id of draft.ids(KEYS)) {
    if (shredded.has(id)) {
      if (hasRow(draft, KEYS, id)) draft.tell(KEYS, id, 'dropped', 'The key was shredded, and stays so.');
      continue;
    }
    const found = draft.of(KEYS, id);
    if (found.certain && found.row === undefined) continue;
    const candidates = found.certain ? [] : found.candidates;
    if (!found.certain && candidates.length === 0) {
      draft.tell(
        KEYS,
        id,
        'lost',
        'The key is lost, and files under it can not be opened here; an older backup may have it.',
      );
      continue;
    }
    const names = versions.get(id) ?? [];
    const doubtful = names.filter((name) => decideVersion(draft, name));
    const left = names.filter((name) => draft.body(VERSIONS, name) !== undefined);
    if (left.length === 0) {
      draft.tell(
        KEYS,
        id,
        'lost',
        'No version of the key is left, and files under it can not be opened here; an older backup may have it.',
      );
      continue;
    }
    if (found.certain) draft.keep(KEYS, id, found);
    else draft.put(KEYS, id, cautious(candidates.map(bodyOf)));
    alive.add(id);
    const isPolicySure = decidePolicy(draft, id, !found.certain);
    if (!found.certain || !isPolicySure || doubtful.length > 0) {
      closed.add(id);
      close(draft, id, left);
      draft.tell(KEYS, id, 'disabled', CLOSED);
    }
    for (const name of left) decideUses(draft, name, uses);
  }
  return { alive, closed, shredded };
}

const CLOSED =
  'Nothing proves what the vault had last decided on the key, so it comes back disabled. See it with "keyward keys describe", and when it is as it should be: keyward keys enable';

/** What any witness knows to be shredded: that wins over whatever else there is of it. */
function tombstones(draft: Draft): Set<string> {
  const shredded = new Set<string>();
  for (const id of draft.ids(TOMBSTONES)) {
    const found = draft.of(TOMBSTONES, id);
    if (found.certain) {
      if (found.row === undefined) continue;
      draft.keep(TOMBSTONES, id, found);
    } else {
      const [row] = found.candidates;
      draft.put(TOMBSTONES, id, row === undefined ? { shredded: draft.circumstances.now } : bodyOf(row));
      draft.tell(TOMBSTONES, id, 'made-anew', 'The key stays shredded.');
    }
    shredded.add(id);
  }
  return shredded;
}

function versionsOf(draft: Draft): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const name of draft.ids(VERSIONS)) {
    const key = name.split('/')[0] ?? '';
    const known = found.get(key);
    if (known === undefined) found.set(key, [name]);
    else known.push(name);
  }
  return found;
}

/** Whether a version is in doubt, or lost. */
function decideVersion(draft: Draft, name: string): boolean {
  const found = draft.of(VERSIONS, name);
  if (found.certain) {
    draft.keep(VERSIONS, name, found);
    return false;
  }
  const bodies = found.candidates.map(bodyOf);
  const [body] = bodies;
  if (body === undefined) {
    draft.tell(
      VERSIONS,
      name,
      'lost',
      'Files under this version can not be opened here; an older backup may have it.',
    );
    return true;
  }
  const { wrapped, ...rest } = body;
  // Imported material may have been deleted since; it can be imported again.
  const isGone = body['imported'] !== undefined || bodies.some((each) => each['wrapped'] === undefined);
  const exported = least(bodies, 'exported');
  draft.put(VERSIONS, name, {
    ...rest,
    ...(isGone || wrapped === undefined ? {} : { wrapped }),
    ...(exported === undefined ? {} : { exported }),
    disabled: least(bodies, 'disabled') ?? draft.circumstances.now,
  });
  draft.tell(
    VERSIONS,
    name,
    'disabled',
    'Nothing proves that this is the newest state of the version, so it comes back disabled. When it is as it should be: keyward keys versions enable',
  );
  return true;
}

/** Whether the policy is known to be the one that the vault had last; otherwise only the owner may use the key. */
function decidePolicy(draft: Draft, id: string, isKeyInDoubt: boolean): boolean {
  const found = draft.of(POLICIES, id);
  if (found.certain && !isKeyInDoubt) {
    draft.keep(POLICIES, id, found);
    return true;
  }
  const AWS = [...draft.circumstances.owner];
  const policy = JSON.stringify({
    Version: '2012-10-17',
    Id: 'owner-only-after-repair',
    Statement: [{ Sid: 'OwnerOnly', Effect: 'Allow', Principal: { AWS }, Action: 'kms:*', Resource: '*' }],
  });
  draft.put(POLICIES, id, { policy });
  draft.tell(
    POLICIES,
    id,
    'owner-only',
    'The key gets a policy by which you alone may use it. Put the one that it had, or the default with: keyward keys reset-policy',
  );
  return found.certain;
}

/** Has a key do nothing before its owner enables it. Of what is pending deletion, or waits for material, that stays. */
function close(draft: Draft, id: string, versions: readonly string[]): void {
  const key = draft.body(KEYS, id);
  if (key === undefined) return;
  const ids = versions.map((name) => name.split('/')[1] ?? '');
  const current = ids.includes(String(key['current'])) ? key['current'] : newest(draft, id, ids);
  const material = draft.body(VERSIONS, `${id}/${String(current)}`)?.['wrapped'];
  const waits = key['state'] === 'PendingImport' || (key['origin'] === 'EXTERNAL' && material === undefined);
  const state = key['state'] === 'PendingDeletion' ? 'PendingDeletion' : waits ? 'PendingImport' : 'Disabled';
  draft.put(KEYS, id, { ...key, ...(current === undefined ? {} : { current }), state });
}

function newest(draft: Draft, key: string, ids: readonly string[]): string | undefined {
  const age = (id: string) => Number(draft.body(VERSIONS, `${key}/${id}`)?.['created'] ?? 0);
  return [...ids].sort((a, b) => age(b) - age(a))[0];
}

/** Of several states of a key the one that lets it do least; that it is due to be shredded is told anew, for that is in doubt too. */
function cautious(states: readonly JsonFields[]): JsonFields {
  const state = states.find((one) => one['state'] === 'PendingDeletion') ?? states[0] ?? {};
  const key = keyRow.safeParse(state).data;
  return key === undefined ? state : untold(key);
}

/** A count that is in doubt counts as full: the key then gets a new version at its next use of this kind. */
function decideUses(draft: Draft, name: string, uses: number): void {
  const found = draft.of(USES, name);
  if (found.certain) {
    draft.keep(USES, name, found);
    return;
  }
  draft.put(USES, name, { count: uses });
  draft.tell(
    USES,
    name,
    'made-anew',
    'How often the version has wrapped keys of AWS messages is not known, so the next one makes a new version.',
  );
}

function hasRow(draft: Draft, room: string, id: string): boolean {
  const found = draft.of(room, id);
  return found.certain ? found.row !== undefined : found.candidates.length > 0;
}

function least(bodies: readonly JsonFields[], name: string): number | undefined {
  const numbers = bodies.flatMap((body) => (typeof body[name] === 'number' ? [body[name]] : []));
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

/** Rows that this module decides on. */
export const ROOMS_OF_KEYS: readonly string[] = [KEYS, VERSIONS, POLICIES, TOMBSTONES, USES];
