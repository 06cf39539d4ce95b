import type { ReactNode } from 'react';
import type { KeywardError } from '../../shared/errors.ts';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import { ErrorNote } from './note.tsx';

type Props = {
  readonly title: string;
  /** What will happen. */
  readonly children: ReactNode;
  /** What the button says that does it, and the one that does not. */
  readonly does: string;
  readonly leaves: string;
  readonly look?: 'main' | 'danger';
  readonly busy?: boolean;
  readonly error?: KeywardError | undefined;
  readonly onDo: () => void;
  readonly onClose: () => void;
};

/** Asks before something is done. */
export function Confirm({
  title,
  children,
  does,
  leaves,
  look = 'danger',
  busy = false,
  error,
  onDo,
  onClose,
}: Props) {
  return (
    <Dialog title={title} onClose={onClose}>
      {children}
      <ErrorNote error={error} />
      <div className="actions end">
        <Button busy={busy} onPress={onClose}>
          {leaves}
        </Button>
        <Button look={look} busy={busy} onPress={onDo}>
          {does}
        </Button>
      </div>
    </Dialog>
  );
}
