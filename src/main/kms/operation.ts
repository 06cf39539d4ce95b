import type { Json } from '../../shared/errors.ts';
import type { AccessFacts } from './access/facts.ts';
import type { Caller } from './types.ts';

/** An operation as the log names it. `request` never holds plaintext or key bytes. */
export type Operation = {
  readonly caller: Caller;
  readonly eventName: string;
  readonly readOnly: boolean;
  readonly request: { readonly [name: string]: Json };
  readonly eventType?: 'AwsApiCall' | 'AwsServiceEvent' | 'KeywardEvent';
  /** What conditions of policies can ask about. */
  readonly access?: AccessFacts;
  /** Done by the vault itself: nobody is asked. */
  readonly internal?: true;
};

/** What an operation collects for its audit entry as it runs: the keys it touched, what it answered. */
export type OperationRecord = {
  readonly operation: Operation;
  readonly keyArns: string[];
  response?: Json;
  /** Set once the caller was let through or refused. */
  decided?: true;
};

/** One logged step of a change. */
export type Step = <T>(operation: Operation, work: (record: OperationRecord) => T) => T;
