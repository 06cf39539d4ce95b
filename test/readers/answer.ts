/** What a reader makes of a file: the code of its refusal, or the plaintext's SHA-256. */
export type Answer = { readonly code: string | null; readonly sha256: string | null };

/** A reader of native files that has the material of one key version. */
export type Reader = {
  readonly name: string;
  read(file: Buffer): Promise<Answer>;
  /** Ends what it started. */
  end?(): Promise<void>;
};
