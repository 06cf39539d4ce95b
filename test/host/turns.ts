/**
 * Hands messages on one by one, each after everything that the one before it has set going. Who awaits an answer is
 * to hear the events behind it, although both came in one piece; several that are handed on in one go come before
 * any promise goes on, and the listener that waits for its answer misses what follows it.
 */
export function inTurn<M>(take: (message: M) => void): (message: M) => void {
  return (message) => {
    setImmediate(() => take(message));
  };
}
