import type { OpenVault } from '../api/call-context.ts';

/** What an owner serves: the unlocked vault. */
export type ServedSession = Pick<OpenVault, 'idleMinutes' | 'call' | 'locked'>;
