import { atom } from './atom.ts';

/** The name of the key that a drop would be encrypted under, for what hovers over the window. */
export const dropHint = atom('the default key');
