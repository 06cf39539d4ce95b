import { DATA } from './data.ts';
import { KEYS } from './keys.ts';
import { MATERIAL } from './material.ts';
import { MESSAGES } from './messages.ts';
import type { Observation } from './observing.ts';
import { PERMISSIONS } from './permissions.ts';
import { REFUSED } from './refused.ts';

/** All observations, by the file that has them. */
export const OBSERVATIONS: { readonly [file: string]: readonly Observation[] } = {
  'data.ts': DATA,
  'keys.ts': KEYS,
  'material.ts': MATERIAL,
  'messages.ts': MESSAGES,
  'permissions.ts': PERMISSIONS,
  'refused.ts': REFUSED,
};
