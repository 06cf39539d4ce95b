import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

type Props = {
  readonly children: ReactNode;
  readonly look?:
    | 'main'
    | 'plain'
    | 'danger'
    | 'danger compact'
    | 'compact'
    | 'plain compact'
    | 'plain back'
    | 'main wide'
    | 'wide';
  readonly icon?: LucideIcon;
  readonly busy?: boolean;
  readonly onPress?: () => void;
  readonly submit?: boolean;
};

/** A button. While busy it stays where the focus is, and does nothing. */
export function Button({ children, look, icon: Icon, busy = false, onPress, submit = false }: Props) {
  return (
    <button
      type={submit ? 'submit' : 'button'}
      className={`button ${look ?? ''}`}
      aria-disabled={busy || undefined}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onPress?.();
      }}
    >
      {Icon === undefined ? null : <Icon size={16} aria-hidden />}
      {children}
    </button>
  );
}

/** A button that is an icon; `label` is its name. */
export function IconButton({
  icon: Icon,
  label,
  onPress,
}: {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly onPress: () => void;
}) {
  return (
    <button type="button" className="button icon" aria-label={label} title={label} onClick={onPress}>
      <Icon size={16} aria-hidden />
    </button>
  );
}
