/** One step against the file system, as the gate sees it before it is done. */
export type DiskStep = {
  readonly op:
    | 'open'
    | 'create'
    | 'read'
    | 'write'
    | 'sync'
    | 'syncFolder'
    | 'close'
    | 'rename'
    | 'link'
    | 'unlink'
    | 'stat'
    | 'list'
    | 'makeFolder'
    | 'attributes'
    | 'truncate';
  readonly path: string;
  readonly offset?: number;
  readonly length?: number;
};

/**
 * What a gate may answer: nothing (go on), or the greatest number of bytes that this read or write may move,
 * as a kernel may do at any time. A gate that throws an `ErrnoException` stands for a failing disk.
 */
export type DiskGate = (step: DiskStep) => { readonly atMost: number } | undefined;

let gate: DiskGate | undefined;

/** Sets the gate that every step of this room passes, for tests; `undefined` removes it. */
export function setDiskGate(next: DiskGate | undefined): void {
  gate = next;
}

/** Asks the gate. Throws what the gate throws. */
export function passGate(step: DiskStep): { readonly atMost: number } | undefined {
  return gate?.(step);
}
