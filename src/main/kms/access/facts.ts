import type { EncryptionContext } from '../../../shared/context.ts';
import type { ContextValue } from '../policy/access-request.ts';

/** Facts of a call that conditions of policies ask about, by condition key; what is undefined is left out. */
export type Conditions = { readonly [key: string]: ContextValue | undefined };

/** What a call tells of itself beside its name: to be asked about by conditions and constraints. */
export type AccessFacts = {
  readonly conditions?: Conditions;
  readonly encryptionContext?: EncryptionContext | undefined;
};
