import { atom } from './atom.ts';

/** Policies that were typed and not saved, by key; they end with the page. */
export const policyDrafts = atom<ReadonlyMap<string, string>>(new Map());
