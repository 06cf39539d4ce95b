import type { Settings } from '../../../shared/contract.ts';
import type { KeywardError } from '../../../shared/errors.ts';
import { ask } from '../../bridge.ts';
import { useDoing } from '../../data/asked.ts';
import { useView } from '../../data/view.ts';

/** Changes a setting, and tells beside it what went wrong. */
export function useSetting(name: keyof Settings): {
  readonly error: KeywardError | undefined;
  readonly change: (value: string) => Promise<boolean>;
} {
  const keysChanged = useView((view) => view.keysChanged);
  const { error, run } = useDoing();
  const change = (value: string) =>
    run(async () => {
      await ask('config.set', { name, value });
      keysChanged();
    });
  return { error, change };
}
