import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useId,
  useLayoutEffect,
  useRef,
} from 'react';

type Props = {
  readonly title: string;
  readonly children: ReactNode;
  readonly onClose: () => void;
  /** For what needs more room than a question. */
  readonly broad?: boolean;
};

/** Keeps the dialog around it open; what it returns ends that. */
const Hold = createContext<() => () => void>(() => () => undefined);

/** Keeps the dialog around a component open, whatever is pressed: what is under way must not go on unseen. */
export function useHoldOpen(isHeld: boolean): void {
  const hold = useContext(Hold);
  useLayoutEffect(() => (isHeld ? hold() : undefined), [isHeld, hold]);
}

/** A question in front of the page: the platform's own modal dialog, with its focus and its Escape key. */
export function Dialog({ title, children, onClose, broad = false }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  const name = useId();
  const holds = useRef(0);
  const hold = useCallback(() => {
    holds.current += 1;
    return () => {
      holds.current -= 1;
    };
  }, []);
  const close = () => {
    if (holds.current === 0) onClose();
  };
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
        close();
      }}
      // The platform may close it without asking; what was to stay open comes back.
      onClose={() => {
        close();
        queueMicrotask(() => {
          if (dialog.current?.open === false) dialog.current.showModal();
        });
      }}
    >
      <div className="stack">
        <h2 id={name}>{title}</h2>
        <Hold value={hold}>{children}</Hold>
      </div>
    </dialog>
  );
}
