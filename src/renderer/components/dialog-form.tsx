import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { Dialog, useHoldOpen } from './dialog.tsx';

type Props = {
  readonly title: string;
  /** The fields, and what is wrong with them. */
  readonly children: ReactNode;
  /** What the button says that sends it, and the one that does not. */
  readonly does: string;
  readonly leaves?: string;
  readonly look?: 'main' | 'danger';
  readonly broad?: boolean;
  readonly busy: boolean;
  /** Whether it can be sent as it is filled in. */
  readonly ready?: boolean;
  /** Buttons between the two. */
  readonly more?: ReactNode;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
};

/** A form in front of the page. Enter sends it, once at a time and when it is ready. */
export function DialogForm({
  title,
  children,
  does,
  leaves = 'Cancel',
  look = 'main',
  broad = false,
  busy,
  ready = true,
  more,
  onSubmit,
  onClose,
}: Props) {
  return (
    <Dialog title={title} onClose={onClose} broad={broad}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (!busy && ready) onSubmit();
        }}
      >
        {children}
        <Held while={busy} />
        <div className="actions end">
          <Button busy={busy} onPress={onClose}>
            {leaves}
          </Button>
          {more}
          <Button submit look={look} busy={busy || !ready}>
            {does}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

/** Within the dialog that it keeps open. */
function Held({ while: isHeld }: { readonly while: boolean }) {
  useHoldOpen(isHeld);
  return null;
}
