import type { Role } from '../../shared/roles.ts';

/** The roles in words: what one is called, and what one can do. */
export const ROLE_TEXT: { readonly [R in Role]: { readonly word: string; readonly about: string } } = {
  operator: {
    word: 'Operator',
    about: 'Uses keys: encrypts, opens, signs. Can’t change keys, policies or settings.',
  },
  auditor: { word: 'Auditor', about: 'Only looks: at keys, policies and the log. Can’t open a file.' },
};
