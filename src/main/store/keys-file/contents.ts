import type { RecordRow } from '../record-row.ts';
import { MIGRATIONS } from '../schema.ts';
import {
  encodeFrame,
  FRAME,
  type Frame,
  type FrameMac,
  isOwn,
  type ReadFrame,
  readFrames,
} from './frames.ts';

/** A protector as its table has it. */
export type ProtectorRow = { id: string; kind: string; record: Buffer };

/** What the keys file says of one row: the change that wrote it, and the row, or none where it was removed. */
type Kept<Row> = { readonly change: number; readonly row: Row | undefined };

/**
 * What a keys file holds: of each row the newest. `change`: the newest change that is complete; `schema`: how many steps
 * the schema of its database had had. `damaged`: how many stretches of the file do not hold.
 */
export type KeysFileContents = {
  readonly records: ReadonlyMap<string, Kept<RecordRow>>;
  readonly protectors: ReadonlyMap<string, Kept<ProtectorRow>>;
  readonly change: number;
  readonly schema: number;
  readonly damaged: number;
};

/** The name of a row among `KeysFileContents.records`. */
export function rowName(room: string, id: string): string {
  return `${room}/${id}`;
}

/** The frame of a record. */
export function recordFrame(change: number, { room, id, body, mac }: RecordRow): Frame {
  return { type: FRAME.record, change, parts: [Buffer.from(room), Buffer.from(id), body, mac] };
}

/** The frame of a protector. */
export function protectorFrame(change: number, { id, kind, record }: ProtectorRow): Frame {
  return { type: FRAME.protector, change, parts: [Buffer.from(id), Buffer.from(kind), record] };
}

/** The frame of a record that is gone. */
export function removedFrame(change: number, room: string, id: string): Frame {
  return { type: FRAME.removed, change, parts: [Buffer.from(room), Buffer.from(id)] };
}

/** The frame that ends a change; `offset`: where it stands in the file. */
export function markFrame(change: number, offset: number): Frame {
  const place = Buffer.alloc(12);
  place.writeBigUInt64BE(BigInt(offset));
  place.writeUInt32BE(MIGRATIONS.length, 8);
  return { type: FRAME.mark, change, parts: [place] };
}

/** Bytes of a mark: what a keys file ends with. */
export const MARK_BYTES = encodeFrame(markFrame(0, 0), () => Buffer.alloc(32)).length;

/** The change that a keys file of `size` bytes ends with, by its last `MARK_BYTES`; `undefined` if that is no mark of ours. */
export function lastChange(end: Buffer, size: number, mac: FrameMac): number | undefined {
  const [mark] = readFrames(end);
  if (mark === undefined || !('type' in mark) || mark.type !== FRAME.mark || !isOwn(mark, mac))
    return undefined;
  return Number(mark.parts[0]?.readBigUInt64BE()) + MARK_BYTES === size ? mark.change : undefined;
}

/** Reads a keys file. Without a MAC, as while the vault is locked, whatever its checksum holds is taken. */
export function readContents(bytes: Buffer, mac?: FrameMac): KeysFileContents {
  const reader = new ContentsReader(mac);
  for (const each of readFrames(bytes)) reader.take(each);
  return reader.contents;
}

/** Reads a keys file frame by frame, so that other work can get its turn between them. */
export class ContentsReader {
  readonly #mac: FrameMac | undefined;
  readonly #records = new Map<string, Kept<RecordRow>>();
  readonly #protectors = new Map<string, Kept<ProtectorRow>>();
  #change = -1;
  #schema = 0;
  #damaged = 0;

  constructor(mac: FrameMac | undefined) {
    this.#mac = mac;
  }

  /** What was read so far. */
  get contents(): KeysFileContents {
    const { change, schema, damaged } = {
      change: this.#change,
      schema: this.#schema,
      damaged: this.#damaged,
    };
    return { records: this.#records, protectors: this.#protectors, change, schema, damaged };
  }

  /** Takes the next piece of the file. */
  take(piece: ReadFrame | { readonly from: number; readonly to: number }): void {
    if (!('type' in piece) || (this.#mac !== undefined && !isOwn(piece, this.#mac)) || !this.#taken(piece))
      this.#damaged += 1;
  }

  #taken({ type, change, parts, from }: ReadFrame): boolean {
    const [first, second, third, fourth] = parts;
    if (first === undefined) return false;
    if (type === FRAME.mark) {
      if (first.length !== 12 || Number(first.readBigUInt64BE()) !== from) return false;
      if (change >= this.#change) this.#schema = first.readUInt32BE(8);
      this.#change = Math.max(this.#change, change);
      return true;
    }
    if (second === undefined) return false;
    const [one, two] = [first.toString(), second.toString()];
    if (type === FRAME.protector && third !== undefined) {
      newest(this.#protectors, one, { change, row: { id: one, kind: two, record: third } });
    } else if (type === FRAME.record && third !== undefined && fourth !== undefined) {
      newest(this.#records, rowName(one, two), {
        change,
        row: { room: one, id: two, body: third, mac: fourth },
      });
    } else if (type === FRAME.removed) {
      newest(this.#records, rowName(one, two), { change, row: undefined });
      if (one === PROTECTORS) newest(this.#protectors, two, { change, row: undefined });
    } else return false;
    return true;
  }
}

/** The room whose rows stand for protectors. */
export const PROTECTORS = 'protectors';

function newest<Row>(map: Map<string, Kept<Row>>, name: string, kept: Kept<Row>): void {
  if ((map.get(name)?.change ?? -1) <= kept.change) map.set(name, kept);
}
