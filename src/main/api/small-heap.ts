import { setFlagsFromString } from 'node:v8';

/**
 * Has the heap of this process grow by at most 15 % between two full collections. V8 lets it double, and what a job
 * over many files leaves behind would take as much as the vault itself. Full collections come
 * more often for it.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--heap-growing-percent=15');
}

/**
 * Has the nursery of this process, where what is young waits for the collector, grow no further: under requests with
 * large bodies it would take as much as all else. A process that was begun for something else can't be given a limit any
 * more.
 */
export function keepNurserySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
