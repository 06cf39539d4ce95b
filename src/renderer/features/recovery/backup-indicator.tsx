import { LifeBuoy } from 'lucide-react';
import type { WindowStatus } from '../../../shared/bridge.ts';
import { useView } from '../../data/view.ts';
import { recoveryState } from '../../text/recovery.ts';

/** Says in the corner, quietly, that something is missing for the vault to come back; leads to where it is mended. */
export function BackupIndicator({ status }: { readonly status: WindowStatus }) {
  const go = useView((view) => view.go);
  if (status.rescue === true || status.throwAway === true) return null;
  if (recoveryState(status, new Date()).tone !== 'bad') return null;
  return (
    <button type="button" className="place" onClick={() => go('recovery')}>
      <LifeBuoy size={16} aria-hidden />
      {status.backups?.last === undefined ? 'No backup yet' : 'Backup failed'}
    </button>
  );
}
