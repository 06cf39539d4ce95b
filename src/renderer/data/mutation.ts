import type { KeywardError } from '../../shared/errors.ts';
import { announce } from './jobs.ts';
import { useAction } from './query.ts';
import { useView } from './view.ts';

/**
 * Changes something of the vault, once at a time: when it is done a screen reader is told so, and what is shown is
 * asked for again.
 */
export function useMutation(): {
  readonly busy: boolean;
  readonly error: KeywardError | undefined;
  /** `act` returns false where the user thought better of it: then nothing is said. */
  readonly change: (said: string, act: () => Promise<unknown>) => Promise<boolean>;
} {
  const keysChanged = useView((view) => view.keysChanged);
  const { busy, error, run } = useAction();
  const change = (said: string, act: () => Promise<unknown>) =>
    run(async () => {
      if ((await act()) === false) return;
      announce(said);
      keysChanged();
    });
  return { busy, error, change };
}
