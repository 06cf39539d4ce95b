import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';

type Props = {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** For what needs more room than a question. */
  readonly broad?: boolean;
};

/** A question in front of the page: the platform's own modal dialog, with its focus and its Escape key. */
export function Dialog({ title, children, onClose, broad = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const name = useId();
  // Closed before it leaves the page: only then the platform gives the focus back to what asked.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      className={broad ? 'broad' : ''}
      aria-labelledby={name}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      // The platform may close it without asking.
      onClose={onClose}
    >
      <div className="stack">
        <h2 id={name}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
