import type { ErrorBody } from '../../../shared/errors.ts';
import type { Descriptor } from '../../disk/positional.ts';
import type { BodyPlan } from '../body-plan.ts';
import type { FrameLayout } from '../message-body.ts';

/** Frames from `first` up to and including `last` whose tags don't verify. */
export type BadFrames = { readonly first: number; readonly last: number };

/** What the threads of the engine do with one file. All in it can be sent to a thread. */
export type Task = {
  readonly kind: 'encrypt' | 'decrypt';
  /** The memory of the task's `SharedState`, which also holds the key and the message id of these lengths. */
  readonly memory: SharedArrayBuffer;
  readonly keyLength: number;
  readonly messageIdLength: number;
  readonly layout: FrameLayout;
  readonly plan: BodyPlan;
  readonly source: Descriptor;
  /** `undefined`: frames are verified only. */
  readonly sink: Descriptor | undefined;
  /** Whether the first damaged frame ends the task, or they are only counted and left out. */
  readonly onBad: 'stop' | 'collect';
};

/** What a thread says when it has nothing more to do with a task. */
export type Report =
  | { readonly ok: true; readonly bad: readonly BadFrames[] }
  | { readonly ok: false; readonly sequence: number; readonly error: ErrorBody };
