/**
 * What is said of a reason, as ICU messages over its parameters: what happened and what to do next, in one where that
 * is the same everywhere; else what happened, and the next step in the words of each face.
 */
export type ErrorText =
  | string
  | { readonly what: string; readonly command?: string; readonly window?: string };

/** A text for each reason of a table. */
export type ErrorTexts<Table> = { readonly [R in keyof Table]: ErrorText };
