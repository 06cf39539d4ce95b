import { useEffect } from 'react';
import { ask } from '../bridge.ts';

let shown = 0;

/** While a component that shows a secret is on the page, pictures of the screen show nothing of the window. */
export function useSecretOnScreen(isShown = true): void {
  useEffect(() => {
    if (!isShown) return;
    shown += 1;
    if (shown === 1) tell();
    return () => {
      shown -= 1;
      // What takes its place on the page may show one too.
      queueMicrotask(() => {
        if (shown === 0) tell();
      });
    };
  }, [isShown]);
}

function tell(): void {
  ask('window.secretShown', { shown: shown > 0 }).catch(() => undefined);
}
