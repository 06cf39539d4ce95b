import type { CallOptions } from '../../main/api/call-context.ts';
import type { Input, Method, Output } from '../../shared/contract.ts';

/** A way to the unlocked vault, for the life of one command. */
export interface Vault {
  /** Makes a request; throws the error of its answer. */
  call<M extends Method>(method: M, input: Input<M>, options?: CallOptions): Promise<Output<M>>;
}
