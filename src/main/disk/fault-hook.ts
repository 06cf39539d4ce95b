/** One step against the file system, as the hook sees it before it is done. */
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
 * What a fault hook may answer: nothing (go on), or the greatest number of bytes that this read or write may move,
 * as a kernel may do at any time. One that throws an `ErrnoException` stands for a failing disk.
 */
export type FaultHook = (step: DiskStep) => { readonly atMost: number } | undefined;

let hook: FaultHook | undefined;

/** Sets the hook that every step of this room calls, for tests; `undefined` removes it. */
export function setFaultHook(next: FaultHook | undefined): void {
  hook = next;
}

/** Calls the hook. Throws what it throws. */
export function injectFault(step: DiskStep): { readonly atMost: number } | undefined {
  return hook?.(step);
}
