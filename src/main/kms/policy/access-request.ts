/** The value of a condition key; several where the key has several. */
export type ContextValue = string | number | boolean | Date | readonly string[];

/** What is asked for. `resource`: the key's ARN, or `*` for what is about no key. */
export type AccessRequest = {
  /** ARN of whoever asks. */
  readonly principal: string;
  /** The account that the key is of. */
  readonly account: string;
  /** Such as `kms:Encrypt`. */
  readonly action: string;
  readonly resource: string;
  readonly context: { readonly [key: string]: ContextValue };
  /** Of `kms:CreateGrant`: the pairs that the new grant's constraint asks for. */
  readonly encryptionContext?: { readonly [name: string]: string };
};

/** A grant, as far as a decision needs it. */
export type AccessGrant = {
  readonly grantId: string;
  readonly granteePrincipal: string;
  readonly operations: readonly string[];
  readonly retiringPrincipal?: string;
  readonly constraints?: {
    readonly encryptionContextEquals?: { readonly [name: string]: string };
    readonly encryptionContextSubset?: { readonly [name: string]: string };
  };
};
