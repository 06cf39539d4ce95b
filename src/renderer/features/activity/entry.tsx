import {
  File,
  FileKey2,
  KeyRound,
  LockKeyhole,
  LockKeyholeOpen,
  type LucideIcon,
  ShieldX,
  SlidersHorizontal,
  TriangleAlert,
} from 'lucide-react';
import type { AuditLine } from '../../../shared/audit-contract.ts';
import { useKeys } from '../../data/keys.tsx';
import { useView } from '../../data/view.ts';
import { actor, sentence } from '../../text/activity.ts';
import { clockTime } from '../../text/format.ts';

/** One line of the log. */
export function Entry({ entry }: { readonly entry: AuditLine }) {
  const { nameOf } = useKeys();
  const choose = useView((view) => view.choose);
  const isChosen = useView(({ chosen }) => chosen?.kind === 'entry' && chosen.seq === entry.seq);
  const Icon = iconOf(entry);
  const stands = entry.intact && entry.errorCode === undefined;
  return (
    <li className="row activity" data-chosen={isChosen}>
      <span className="small soft numbers">{clockTime(entry.eventTime)}</span>
      <button
        type="button"
        className="open"
        aria-current={isChosen}
        onClick={() => choose({ kind: 'entry', seq: entry.seq })}
      >
        <span className={`badge ${stands ? 'quiet' : 'bad'}`}>
          <Icon size={16} aria-hidden />
        </span>
        <span className="said">
          <bdi>{sentence(entry)}</bdi>
        </span>
      </button>
      <span className="soft cell">{entry.keyArns[0] === undefined ? '' : nameOf(entry.keyArns[0])}</span>
      <span className="small soft who">{actor(entry.principal)}</span>
    </li>
  );
}

function iconOf({ eventName, errorCode, intact }: AuditLine): LucideIcon {
  if (!intact) return TriangleAlert;
  if (errorCode !== undefined) return ShieldX;
  if (eventName === 'Lock') return LockKeyhole;
  if (eventName === 'Unlock') return LockKeyholeOpen;
  if (eventName === 'SetConfig') return SlidersHorizontal;
  if (/^(GenerateDataKey|Encrypt|RewrapDataKey|ReEncrypt)/.test(eventName)) return FileKey2;
  return eventName === 'Decrypt' ? File : KeyRound;
}
