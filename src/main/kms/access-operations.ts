import { requireAction } from './access/require.ts';
import type { Core } from './core.ts';
import { type ExplainInput, type ExplainOutput, explainAccess } from './operations/explain-access.ts';
import {
  type CreateGrantInput,
  createGrant,
  type RetireGrantInput,
  retireGrant,
  revokeGrant,
} from './operations/grant.ts';
import { type GrantListEntry, listGrants, listRetirableGrants } from './operations/grant-lists.ts';
import {
  type GetKeyPolicyInput,
  getKeyPolicy,
  listKeyPolicies,
  type PutKeyPolicyInput,
  putKeyPolicy,
  type ResetKeyPolicyInput,
  resetKeyPolicy,
} from './operations/policy.ts';
import { type PolicyPreview, previewKeyPolicy } from './operations/policy-preview.ts';
import type { Caller, DryRunInput, KeyIdInput, PageInput, PageOutput } from './types.ts';

type Empty = Readonly<Record<string, never>>;

/** The operations on key policies and grants, and the question why somebody may or may not do something. */
export class AccessOperations {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Gives a key's policy. */
  async GetKeyPolicy(
    caller: Caller,
    input: GetKeyPolicyInput,
  ): Promise<{ Policy: string; PolicyName: string }> {
    return getKeyPolicy(this.#core, caller, input);
  }

  /** Puts another policy in place of a key's. */
  async PutKeyPolicy(caller: Caller, input: PutKeyPolicyInput): Promise<Empty> {
    putKeyPolicy(this.#core, caller, input);
    return {};
  }

  /** What another policy would take from the caller; nothing is done: see `previewKeyPolicy`. */
  previewKeyPolicy(caller: Caller, input: KeyIdInput & { readonly Policy: string }): PolicyPreview {
    return previewKeyPolicy(this.#core, caller, input);
  }

  /** Puts the default policy back: see `resetKeyPolicy`. */
  resetKeyPolicy(caller: Caller, input: ResetKeyPolicyInput): string {
    return resetKeyPolicy(this.#core, caller, input);
  }

  /** Lists the names of a key's policies: `default`. */
  async ListKeyPolicies(
    caller: Caller,
    input: KeyIdInput & PageInput,
  ): Promise<{ PolicyNames: string[] } & PageOutput> {
    return listKeyPolicies(this.#core, caller, input);
  }

  /** Lets a principal do some operations with a key. */
  async CreateGrant(
    caller: Caller,
    input: CreateGrantInput,
  ): Promise<{ GrantToken: string; GrantId: string }> {
    return createGrant(this.#core, caller, input);
  }

  /** Lists a key's grants. */
  async ListGrants(
    caller: Caller,
    input: KeyIdInput & PageInput & { readonly GrantId?: string; readonly GranteePrincipal?: string },
  ): Promise<{ Grants: GrantListEntry[] } & PageOutput> {
    return listGrants(this.#core, caller, input);
  }

  /** Lists the grants that a principal may retire. */
  async ListRetirableGrants(
    caller: Caller,
    input: PageInput & { readonly RetiringPrincipal: string },
  ): Promise<{ Grants: GrantListEntry[] } & PageOutput> {
    return listRetirableGrants(this.#core, caller, input);
  }

  /** Ends a grant, as whom it is for or who answers for it. */
  async RetireGrant(caller: Caller, input: RetireGrantInput): Promise<Empty> {
    retireGrant(this.#core, caller, input);
    return {};
  }

  /** Ends a grant, as who rules over the key. */
  async RevokeGrant(
    caller: Caller,
    input: KeyIdInput & DryRunInput & { readonly GrantId: string },
  ): Promise<Empty> {
    revokeGrant(this.#core, caller, input);
    return {};
  }

  /**
   * Asks whether somebody may do what no key is asked about. A refusal is logged. Throws `AccessDeniedException`.
   */
  require(caller: Caller, action: `keyward:${string}`): void {
    requireAction(this.#core, caller, action);
  }

  /** Whether a principal may do something with a key, and why: see `explainAccess`. */
  async explain(caller: Caller, input: ExplainInput): Promise<ExplainOutput> {
    return explainAccess(this.#core, caller, input);
  }
}
