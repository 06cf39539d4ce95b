import { useCallback, useEffect, useState } from 'react';
import type { BridgeInput, BridgeMethod, BridgeOutput } from '../../shared/bridge.ts';
import { asKeywardError, type KeywardError } from '../../shared/errors.ts';
import { ask } from '../bridge.ts';
import { useView } from './view.ts';

/** An answer on its way, there, or failed; what was there before stays until the new one comes. */
export type Query<T> = {
  readonly value: T | undefined;
  readonly error: KeywardError | undefined;
  readonly again: () => void;
};

/** Asks for something to show, and again after every change, or of keys only. `input` null: nothing to ask. */
export function useQuery<M extends BridgeMethod>(
  method: M,
  input: BridgeInput<M> | null,
  after: 'revision' | 'keysRevision' = 'revision',
): Query<BridgeOutput<M>> {
  const revision = useView((view) => view[after]);
  const key = JSON.stringify([method, input]);
  const [tries, setTries] = useState(0);
  const [answer, setAnswer] = useState<{ key: string; value?: BridgeOutput<M>; error?: KeywardError }>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: `key` stands for the input; the counters ask again
  useEffect(() => {
    if (input === null) return;
    let wanted = true;
    ask(method, input).then(
      (value) => wanted && setAnswer({ key, value }),
      (error: unknown) => wanted && setAnswer({ key, error: asKeywardError(error) }),
    );
    return () => {
      wanted = false;
    };
  }, [key, revision, tries]);
  const again = useCallback(() => setTries((n) => n + 1), []);
  const current = answer?.key === key ? answer : undefined;
  return { value: current?.value, error: current?.error, again };
}

/** Does something once at a time and tells how that went. */
export function useAction(): {
  readonly busy: boolean;
  readonly error: KeywardError | undefined;
  readonly run: (act: () => Promise<void>) => Promise<boolean>;
  /** Forgets the error: what is asked for now is another thing. */
  readonly clear: () => void;
} {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<KeywardError>();
  const run = useCallback(async (act: () => Promise<void>) => {
    setBusy(true);
    setError(undefined);
    try {
      await act();
      return true;
    } catch (thrown) {
      setError(asKeywardError(thrown));
      return false;
    } finally {
      setBusy(false);
    }
  }, []);
  const clear = useCallback(() => setError(undefined), []);
  return { busy, error, run, clear };
}
