import type { EncryptionContext } from '../../../shared/context.ts';
import type { ContextValue } from '../policy/access-request.ts';

/** Facts of a call that policy conditions refer to, by condition key; undefined ones are left out. */
export type Conditions = { readonly [key: string]: ContextValue | undefined };

/** What a call says of itself besides its name, for conditions and constraints to refer to. */
export type AccessFacts = {
  readonly conditions?: Conditions;
  readonly encryptionContext?: EncryptionContext | undefined;
};
