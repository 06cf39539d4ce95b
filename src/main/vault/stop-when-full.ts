import { dirname } from 'node:path';
import type { KeywardError } from '../../shared/errors.ts';
import { factsAt } from '../disk/tree.ts';
import type { Found } from './walk.ts';

/** Where the outputs of a job go, if anywhere: `undefined` is beside each source. */
type StopOptions = { readonly out?: string | undefined };

type Stop = { readonly error: KeywardError; readonly device: bigint | undefined };

/**
 * Ends a job over many files once it has no place left to write to: every further file would fail for the same reason
 * (pitfall 63). A vault that can't be written stops all of them, a full or read-only disk those whose outputs would go
 * to it. A file that is too large for its disk stops nobody.
 */
export class StopWhenFull {
  readonly #options: StopOptions;
  readonly #stops: Stop[] = [];

  constructor(options: StopOptions) {
    this.#options = options;
  }

  /** Takes note of how a file failed. */
  async note(error: KeywardError): Promise<void> {
    const { code, details } = error;
    const isFull = code === 'DiskFull' || code === 'DiskReadOnly';
    if (code === 'AuditUnwritable' || (isFull && details['sqlite'] !== undefined)) {
      this.#stops.push({ error, device: undefined });
      return;
    }
    if (!isFull || details['errno'] === 'EFBIG' || typeof details['path'] !== 'string') return;
    const device = await deviceOf(dirname(details['path']));
    if (device !== undefined) this.#stops.push({ error, device });
  }

  /** Throws, before any work on a file, the reason for which it would fail. */
  async pass({ path }: Found): Promise<void> {
    if (this.#stops.length === 0) return;
    const device = await deviceOf(this.#options.out ?? dirname(path));
    const stop = this.#stops.find((each) => each.device === undefined || each.device === device);
    if (stop === undefined) return;
    const { details, params } = stop.error;
    throw stop.error.with(
      { ...details, path, stopped: true },
      'doing' in params ? { ...params, doing: 'not-begun' } : params,
    );
  }
}

async function deviceOf(folder: string): Promise<bigint | undefined> {
  return (await factsAt(folder, true).catch(() => undefined))?.device;
}
