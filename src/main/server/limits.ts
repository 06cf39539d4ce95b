/** How much one may ask of the endpoint, and for how long; times in milliseconds. */
export type Limits = {
  /** Connections that are read from at one time. */
  readonly connections: number;
  /** How many more wait, unread, for their turn; any beyond that are answered `ThrottlingException`. */
  readonly waiting: number;
  /** How long one may wait before it is answered `ThrottlingException`. */
  readonly wait: number;
  /** While others wait: after how long an idle connection, or one with an unfinished request, gives way. */
  readonly grace: number;
  /** Requests in flight; further ones are answered `ThrottlingException`. */
  readonly requests: number;
  readonly headerBytes: number;
  /** Bytes of bodies of more than a few KiB that are in flight at one time; further ones wait unread. */
  readonly bodyBytes: number;
  /** From the beginning of a connection or request to the end of its headers. */
  readonly headers: number;
  /** To the end of its body. */
  readonly request: number;
  /** A client is told that it may idle this long between two requests; it is left twice as long. */
  readonly idle: number;
  /** A connection on which nothing at all moves, answers that nobody takes included. */
  readonly silence: number;
  /** How long a client that was answered before it had sent its whole body may go on sending it. */
  readonly linger: number;
  /** What is in flight when the endpoint stops may take this long. */
  readonly drain: number;
};

/** The limits that hold. A lock has 900 ms over the owner's socket, so draining has to be shorter. */
export const LIMITS: Limits = {
  connections: 256,
  waiting: 1_024,
  wait: 20_000,
  grace: 1_000,
  requests: 256,
  headerBytes: 16_384,
  bodyBytes: 1024 * 1024,
  headers: 10_000,
  request: 30_000,
  idle: 60_000,
  silence: 120_000,
  linger: 2_000,
  drain: 400,
};
