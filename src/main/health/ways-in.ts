import type { Finding } from '../../shared/findings.ts';
import type { ReadTx } from '../store/database.ts';
import { decodeRecord } from '../unlock/record.ts';

type Row = { readonly id: string; readonly kind: string; readonly record: Buffer };

/** Ways to unlock: one that is damaged, and a vault that only one secret opens. A keychain is lost with its computer. */
export function waysIn(tx: ReadTx): Finding[] {
  const rows = tx.all<Row>('SELECT id, kind, record FROM protectors ORDER BY kind, id');
  const broken = rows.filter(({ record }) => decodeRecord(record) === undefined);
  const whole = rows.filter((row) => !broken.includes(row) && row.kind !== 'keychain');
  const damaged = broken.map(
    ({ kind }): Finding => ({
      kind: 'ProtectorDamaged',
      message: `The record of the ${kind.replace('-', ' ')} is damaged: it opens nothing any more. Put a new one in its place while another way is there.`,
    }),
  );
  if (whole.length > 1) return damaged;
  const only = whole[0]?.kind.replace('-', ' ') ?? 'keychain';
  return [
    ...damaged,
    {
      kind: 'OneWayIn',
      message: `Only the ${only} opens this vault: once that is lost, so is every file. Add a ${only === 'passphrase' ? 'recovery phrase' : 'passphrase'}.`,
    },
  ];
}
