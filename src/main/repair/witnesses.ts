import { type RecordRow, recordKey } from '../store/record-row.ts';
import { isLasting } from '../store/records.ts';
import { isWithin, type SalvagedRecords } from '../store/rescue/salvage-records.ts';

/** What a backup has: its rows by `recordKey`, and the change that they are of, where it can be compared with the vault's. */
export type BackupRows = {
  readonly rows: ReadonlyMap<string, RecordRow>;
  readonly change: number | undefined;
  /** Rooms of which a backup has nothing. */
  readonly without: readonly string[];
  /** Whether what it says counts. One under an earlier root key only has rows where no other file has them. */
  readonly isWitness: boolean;
};

/** All that may tell of a row: the survey of both files, what is known of the second one as a whole, and a backup. */
export type Evidence = {
  readonly survey: SalvagedRecords;
  /** The newest change that the second file has, and whether all of it holds; `undefined`: there is none. */
  readonly second: { readonly change: number; readonly isWhole: boolean } | undefined;
  readonly backup: BackupRows | undefined;
  readonly macOf: (row: Omit<RecordRow, 'mac'>) => Buffer;
};

/** Where a row was taken from. */
export type Source = 'database' | 'second-file' | 'backup';

/**
 * What is known of one row. `certain`: it is the newest of its name, or there is none of its name. Otherwise `candidates`
 * are rows of this vault that had the name once, the likeliest first; there may be none.
 */
export type Finding =
  | { readonly certain: true; readonly row: RecordRow | undefined; readonly source: Source }
  | { readonly certain: false; readonly candidates: readonly RecordRow[] };

/**
 * Judges rows by their witnesses. The database's tree of hashes says which row is the newest, and so which copy of it, in
 * whatever file, is to be taken. Where it says nothing, or is older than another witness, two must say the same, one of them
 * as new as any that is known, and none otherwise; a file that is not whole can't say that there was no row.
 */
export class Witnesses {
  /** The change that the next one must be above. */
  readonly newestChange: number;
  readonly #evidence: Evidence;
  readonly #sightings: ReadonlyMap<string, SalvagedRecords['sightings'][number]>;
  /** Whether no other witness knows of later changes than the database: else an older copy of it was put back. */
  readonly isDatabaseNewest: boolean;

  constructor(evidence: Evidence) {
    this.#evidence = evidence;
    this.#sightings = new Map(
      evidence.survey.sightings.map((each) => [recordKey(each.room, each.id), each] as const),
    );
    const others = [evidence.second?.change, evidence.backup?.change].filter((each) => each !== undefined);
    const own = this.#ownChange(others);
    this.newestChange = Math.max(0, ...others, own ?? 0);
    // A database of which nobody can tell how old it is may be an older copy.
    this.isDatabaseNewest = others.length === 0 || (own !== undefined && own >= this.newestChange);
  }

  /** Names of all rows that any witness tells of, sorted as they are stored: rooms and ids. */
  names(): (readonly [room: string, id: string])[] {
    const names = new Map<string, readonly [string, string]>();
    for (const [key, { room, id }] of this.#sightings) names.set(key, [room, id]);
    for (const [key, { room, id }] of this.#evidence.backup?.rows ?? []) {
      if (!this.#isSettled(key)) names.set(key, [room, id]);
    }
    return [...names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name);
  }

  /** What is known of a row, seen or not. */
  of(room: string, id: string): Finding {
    const key = recordKey(room, id);
    const seen = this.#sightings.get(key);
    const backup = this.#evidence.backup?.rows.get(key);
    const rows = [
      ['database', seen?.database],
      ['second-file', seen?.second],
      ['backup', backup],
    ] as const;
    if (this.#isSettled(key)) {
      const proof = seen?.proof;
      if (proof === undefined || proof === null) return { certain: true, row: undefined, source: 'database' };
      const proven = rows.find(([, row]) => row?.mac.equals(proof));
      if (proven !== undefined) return { certain: true, row: proven[1], source: proven[0] };
    } else {
      const heard = this.#evidence.backup?.isWitness === false ? rows.slice(0, 2) : rows;
      const agreed = this.#agreed(room, heard);
      if (agreed !== undefined) return agreed;
    }
    return {
      certain: false,
      candidates: distinct(rows.flatMap(([, row]) => (row === undefined ? [] : [row]))),
    };
  }

  /** Whether the tree of the database is to be believed on this name. */
  #isSettled(key: string): boolean {
    return this.isDatabaseNewest && !isWithin(this.#evidence.survey.unproven, key);
  }

  #agreed(room: string, rows: readonly (readonly [Source, RecordRow | undefined])[]): Finding | undefined {
    const { second, backup } = this.#evidence;
    const maySay: { readonly [S in Source]: boolean } = {
      database: false,
      'second-file': second?.isWhole === true && isLasting(room),
      backup: backup?.isWitness === true && !backup.without.includes(room),
    };
    // Of older copies any number may say the same: one that has all of the newest change has to be among them.
    const isNewest: { readonly [S in Source]: boolean } = {
      database: this.isDatabaseNewest,
      'second-file': second?.isWhole === true && second.change >= this.newestChange,
      backup: backup?.change !== undefined && backup.change >= this.newestChange,
    };
    const votes = rows.filter(([source, row]) => row !== undefined || maySay[source]);
    const [first] = votes;
    if (first === undefined || votes.length < 2) return undefined;
    if (!votes.some(([voter]) => isNewest[voter])) return undefined;
    const [source, row] = first;
    const same = votes.every(([, other]) =>
      row === undefined ? other === undefined : other?.mac.equals(row.mac) === true,
    );
    return same ? { certain: true, row, source } : undefined;
  }

  /** The change that the database is of, where that can be told. */
  #ownChange(others: readonly number[]): number | undefined {
    const id = 'state';
    const seen = this.#sightings.get(recordKey(CHANGES, id));
    if (!(seen?.proof instanceof Buffer)) return undefined;
    const { proof } = seen;
    if (seen.database?.mac.equals(proof)) return changeIn(seen.database);
    // The row itself is gone, and its MAC is not: it can be guessed.
    for (const change of others.flatMap((each) => [each, each + 1, each - 1])) {
      const body = Buffer.from(JSON.stringify({ change }));
      if (this.#evidence.macOf({ room: CHANGES, id, body }).equals(proof)) return change;
    }
    return undefined;
  }
}

/** The room of the count of changes. */
export const CHANGES = 'keys-file';

/** The change in a row of that room. */
export function changeIn({ body }: Pick<RecordRow, 'body'>): number | undefined {
  const { change } = JSON.parse(body.toString()) as { readonly change?: unknown };
  return typeof change === 'number' ? change : undefined;
}

function distinct(rows: readonly RecordRow[]): RecordRow[] {
  return rows.filter((row, at) => rows.findIndex(({ mac }) => mac.equals(row.mac)) === at);
}
