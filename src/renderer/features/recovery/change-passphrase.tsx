import { ask } from '../../bridge.ts';
import { Dialog } from '../../components/dialog.tsx';
import { setStatus } from '../../data/status.ts';
import { OwnerForm } from './owner-form.tsx';

type Props = {
  /** Whether the vault has a passphrase now. */
  readonly has: boolean;
  readonly onClose: () => void;
  readonly onChanged: () => void;
};

/** Asks who the owner is, and for a new passphrase, twice. */
export function ChangePassphrase({ has, onClose, onChanged }: Props) {
  return (
    <Dialog title={has ? 'Change the passphrase' : 'Set a passphrase'} onClose={onClose}>
      <OwnerForm
        by={has ? ['passphrase', 'recovery-phrase'] : ['recovery-phrase']}
        label="The passphrase as it is"
        renews
        does={has ? 'Change it' : 'Set it'}
        doing={has ? 'Changing it…' : 'Setting it…'}
        onClose={onClose}
        onDo={async (shown, passphrase) => {
          if (passphrase === undefined) return;
          setStatus(await ask('vault.changePassphrase', { shown, passphrase }));
          onChanged();
        }}
      >
        <p className="small soft">
          Copies of the vault and backups made before still open as they did. If the old passphrase has
          leaked, give the keys new versions and encrypt anew what matters.
        </p>
      </OwnerForm>
    </Dialog>
  );
}
