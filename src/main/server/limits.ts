/** How much one may ask of the endpoint, and for how long; times in milliseconds. */
export type Limits = {
  readonly connections: number;
  /** Requests in flight; further ones are answered `ThrottlingException`. */
  readonly requests: number;
  readonly headerBytes: number;
  /** From the beginning of a connection or request to the end of its headers. */
  readonly headers: number;
  /** To the end of its body. */
  readonly request: number;
  /** A connection may idle this long between two requests. */
  readonly idle: number;
  /** A connection on which nothing at all moves, answers that nobody takes included. */
  readonly silence: number;
  /** Who was answered before the body was whole may go on sending it for so long. */
  readonly linger: number;
  /** What is in flight when the endpoint stops may take this long. */
  readonly drain: number;
};

/** The limits that hold. A lock has 900 ms over the owner's socket, so draining has to be shorter. */
export const LIMITS: Limits = {
  connections: 256,
  requests: 256,
  headerBytes: 16_384,
  headers: 10_000,
  request: 30_000,
  idle: 60_000,
  silence: 120_000,
  linger: 2_000,
  drain: 400,
};
