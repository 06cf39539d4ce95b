/** Where the time comes from: milliseconds since 1970. Injected everywhere, so that tests can cross years. */
export type Clock = { now(): number };

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() };
