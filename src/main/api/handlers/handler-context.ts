import type { AuditVerdict } from '../../../shared/audit-contract.ts';
import type { Input, Method, Output, VaultStatus } from '../../../shared/contract.ts';
import type { PersonalCredential } from '../../../shared/credential.ts';
import type { FileJobServices } from '../../vault/jobs.ts';
import type { Call } from '../call.ts';
import type { EndpointHost } from '../endpoint-host.ts';
import type { ProtectorChanges } from '../protector-changes.ts';
import type { RootChanges } from '../root-changes.ts';
import type { Services } from '../services.ts';
import type { StepDown } from '../step-down.ts';

/** What the handlers work with: the services, and what only the session knows. */
export type HandlerContext = {
  readonly services: Services;
  /** The vault's folder with its links resolved. */
  readonly home: string;
  /** What work on files needs. */
  readonly fileServices: FileJobServices;
  readonly status: () => Promise<VaultStatus>;
  readonly lock: () => Promise<void>;
  /** A fresh unlock: throws unless the credential opens this very vault. */
  readonly confirm: (credential: PersonalCredential) => Promise<void>;
  /** Runs, while nothing else does, what gives the vault another root key; it is locked afterwards. */
  readonly alone: <T>(act: (roots: RootChanges) => Promise<T>) => Promise<T>;
  /** Changes the ways to unlock. */
  readonly protectors: ProtectorChanges;
  /** What window and command have stepped down to. */
  readonly stepDown: StepDown;
  /** Compares a verdict on the log with what is kept outside the vault. */
  readonly anchored: (verdict: AuditVerdict) => Promise<AuditVerdict>;
  /** Tries that phrase and newest backup bring files back. */
  readonly drill: (input: Input<'backup.drill'>, call: Call) => Promise<Output<'backup.drill'>>;
  /** The KMS endpoint, of which a session has one at most. */
  readonly endpoint: EndpointHost;
};

/** The implementation of a method. */
export type Handler<M extends Method> = (
  ctx: HandlerContext,
  input: Input<M>,
  call: Call,
) => Promise<Output<M>>;

/** Handlers of some methods. */
export type HandlersOf<M extends Method> = { readonly [N in M]: Handler<N> };
