import { setFlagsFromString } from 'node:v8';

/**
 * Has the heap of this process grow by at most 15 % between two full collections. V8 lets it double, and what a job
 * over many files leaves behind would take as much as the vault itself. Full collections come
 * more often for it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=15');
}
