import { z } from 'zod';

/** A role that the owner can step down to: `operator` uses keys, `auditor` only looks. */
export const ROLES = ['operator', 'auditor'] as const;
export type Role = (typeof ROLES)[number];
/** The name of one. */
export const role = z.enum(ROLES);
