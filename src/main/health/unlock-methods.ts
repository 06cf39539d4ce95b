import { say } from '../../shared/errors.ts';
import type { Finding } from '../../shared/findings.ts';
import type { ProtectorKind } from '../../shared/protector-contract.ts';
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
      ...say('way-damaged', { kind: kind as ProtectorKind }),
    }),
  );
  if (whole.length > 1) return damaged;
  const only = (whole[0]?.kind ?? 'keychain') as ProtectorKind;
  return [
    ...damaged,
    {
      kind: 'OneWayIn',
      ...say('one-way-in', { kind: only }),
    },
  ];
}
