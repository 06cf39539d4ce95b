import type { KeyboardEvent } from 'react';

/** Arrow keys, Home and End move the focus between a list's rows. */
export function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  const steps: { readonly [key: string]: number } = {
    ArrowDown: 1,
    ArrowUp: -1,
    Home: -Infinity,
    End: Infinity,
  };
  const step = steps[event.key];
  const rows = [...event.currentTarget.querySelectorAll<HTMLElement>('button.open')];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  if (step === undefined || at < 0) return;
  event.preventDefault();
  rows[Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
}
