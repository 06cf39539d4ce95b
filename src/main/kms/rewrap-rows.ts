import { setImmediate as nextTurn } from 'node:timers/promises';
import { z } from 'zod';
import { KEY_SPECS, KEY_USAGES } from '../../shared/key-specs.ts';
import { resealClientSecret } from './clients.ts';
import { Materials } from './keys/material-wrapping.ts';
import type { ClientRow } from './keys/row-schemas.ts';

type Row = { readonly room: string; readonly id: string; readonly body: Buffer };

/** The wrapping keys, 32 bytes each, of the root key that was and of the one that comes; they stay the caller's to wipe. */
type WrapKeys = { readonly from: Buffer; readonly to: Buffer };

const keyRow = z.looseObject({
  spec: z.enum(KEY_SPECS),
  usage: z.enum(KEY_USAGES),
  origin: z.enum(['AWS_KMS', 'EXTERNAL']),
});
const versionRow = z.looseObject({ wrapped: z.string().exactOptional() });

/** How many versions are wrapped before other work gets its turn: some 10 ms. */
const SLICE = 100;

/**
 * Rows with what they hold wrapped anew for another root key: material of versions, secrets of clients; others as they are.
 * `tell` hears how many of how many were looked at. Throws `VaultDamaged` naming a row that does not open, and what `signal`
 * was aborted with.
 */
export async function rewrapRows(
  vaultId: string,
  rows: readonly Row[],
  keys: WrapKeys,
  { signal, tell }: { readonly signal: AbortSignal; readonly tell: (done: number, of: number) => void },
): Promise<Row[]> {
  const [from, to] = [new Materials(keys.from, vaultId), new Materials(keys.to, vaultId)];
  const specs = new Map<string, z.output<typeof keyRow>>();
  for (const { room, id, body } of rows) {
    if (room === 'keys') specs.set(id, keyRow.parse(JSON.parse(body.toString())));
  }
  const version = (row: Row): Row => {
    const body = versionRow.parse(JSON.parse(row.body.toString()));
    const [keyId = '', versionId = ''] = row.id.split('/');
    const key = specs.get(keyId);
    if (body.wrapped === undefined || key === undefined) return row;
    const wrapped = from.rewrap({ keyId, versionId, key }, body.wrapped, to);
    return { ...row, body: Buffer.from(JSON.stringify({ ...body, wrapped })) };
  };
  const client = (row: Row): Row => {
    const body = resealClientSecret(vaultId, row.id, JSON.parse(row.body.toString()) as ClientRow, keys);
    return { ...row, body: Buffer.from(JSON.stringify(body)) };
  };
  const made: Row[] = [];
  for (const row of rows) {
    if (row.room === 'key-versions') made.push(version(row));
    else made.push(row.room === 'clients' ? client(row) : row);
    if (made.length % SLICE !== 0) continue;
    tell(made.length, rows.length);
    await nextTurn();
    signal.throwIfAborted();
  }
  return made;
}
