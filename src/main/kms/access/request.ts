import type { FoundKey } from '../found-key.ts';
import type { AccessGrant } from '../policy/access-request.ts';
import type { Policy } from '../policy/document.ts';
import type { Caller } from '../types.ts';
import type { AccessFacts } from './facts.ts';

/** What a caller wants to do. */
export type AuthorizationRequest = AccessFacts & {
  readonly caller: Caller;
  /** Such as `kms:Encrypt`. */
  readonly action: string;
  /** The key; without one, `resource`, or else `*`. */
  readonly key?: FoundKey | undefined;
  readonly resource?: string;
  /** The alias that the key was named by. */
  readonly alias?: string | undefined;
  /** Used instead of the key's own policy or grants. */
  readonly keyPolicy?: Policy;
  readonly grants?: readonly AccessGrant[];
};
