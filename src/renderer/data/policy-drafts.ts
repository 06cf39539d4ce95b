import { cell } from './atom.ts';

/** Policies that were typed and not saved, by key; they end with the page. */
export const policyDrafts = cell<ReadonlyMap<string, string>>(new Map());
