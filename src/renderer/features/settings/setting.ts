import type { Settings } from '../../../shared/contract.ts';
import type { KeywardError } from '../../../shared/errors.ts';
import { ask } from '../../bridge.ts';
import { useMutation } from '../../data/mutation.ts';

/** Changes a setting, and tells beside it what went wrong. */
export function useSetting(name: keyof Settings): {
  readonly error: KeywardError | undefined;
  readonly set: (value: string) => Promise<boolean>;
} {
  const { error, change } = useMutation();
  const set = (value: string) =>
    change('The setting is saved.', async () => {
      await ask('config.set', { name, value });
    });
  return { error, set };
}
