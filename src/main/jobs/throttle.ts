/** The least time between two reports of one thing, in milliseconds. */
const EVERY = 100;

/** Reports that are made ten times a second at most. */
type Throttled<T> = {
  /** Reports a value now, or the latest of several when the time comes. */
  tell(value: T): void;
  /** Reports at once what still waits. */
  flush(): void;
  /** Forgets what still waits. */
  drop(): void;
};

/** The one place where progress is throttled: for the caller of a method, and for whoever watches the jobs. */
export function throttled<T>(tell: (value: T) => void): Throttled<T> {
  let last = Number.NEGATIVE_INFINITY;
  let waiting: { readonly value: T } | undefined;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    const next = waiting;
    waiting = undefined;
    if (next === undefined) return;
    last = performance.now();
    tell(next.value);
  };
  return {
    tell(value) {
      waiting = { value };
      const left = last + EVERY - performance.now();
      if (left <= 0) flush();
      else timer ??= setTimeout(flush, left).unref();
    },
    flush,
    drop() {
      clearTimeout(timer);
      timer = undefined;
      waiting = undefined;
    },
  };
}
