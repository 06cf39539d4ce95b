import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react';

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

/**
 * For a button that shows more rows and may be gone then: the focus goes to the first of the new ones. Returns what to
 * call before they are asked for; `shown` is how many there are.
 */
export function useFocusOnMore(list: RefObject<HTMLElement | null>, shown: number): () => void {
  const wanted = useRef<number>(undefined);
  useEffect(() => {
    if (wanted.current === undefined || shown <= wanted.current) return;
    list.current?.querySelectorAll<HTMLElement>('button.open')[wanted.current]?.focus();
    wanted.current = undefined;
  }, [list, shown]);
  return () => {
    wanted.current = shown;
  };
}
