import { asKeywardError, isKeywardError } from '../../../shared/errors.ts';
import { TAG_BYTES } from '../../crypto/aead.ts';
import { wipe } from '../../crypto/bytes.ts';
import { type Descriptor, readAt, writeAt } from '../../disk/positional.ts';
import { REGULAR_OVERHEAD } from '../body-plan.ts';
import { damaged, sourceChanged } from '../errors.ts';
import { frameBytes, openFrame, sealFrame } from '../frame.ts';
import { parseFrame } from '../sealed-frame.ts';
import { SharedState } from './shared-state.ts';
import type { BadFrames, Report, Task } from './task.ts';

/**
 * Works on the frames of a task, whichever it gets to claim, until none is left or the task is stopped. It waits
 * for the disk, so it belongs on a thread of its own. It never throws: see `framesOf`.
 */
export function workOn(task: Task): Report {
  const frames = framesOf(task);
  while (frames.next());
  return frames.end();
}

/** The frames of a task, one by one. Neither of its functions throws. */
type FrameSteps = {
  /** Claims a frame and works on it; false when there is nothing more to do. */
  next(): boolean;
  /** Wipes the buffers and reports. */
  end(): Report;
};

/**
 * Begins with a task. What goes wrong is in the report, and the other threads are stopped: all frames before the
 * failed one are claimed by then, so that the least number among the reports is the first failure of the file.
 */
export function framesOf(task: Task): FrameSteps {
  const shared = new SharedState(task.memory);
  const work = task.kind === 'encrypt' ? encrypter(task, shared) : decrypter(task, shared);
  const bad: BadFrames[] = [];
  let report: Report = { ok: true, bad };
  return {
    next() {
      if (shared.stopped) return false;
      const sequence = shared.claim();
      if (sequence > task.plan.frames) return false;
      try {
        if (!work.frame(sequence)) note(bad, sequence);
        return true;
      } catch (error) {
        if (error instanceof Stopped) return false;
        shared.stop();
        report = { ok: false, sequence, error: asKeywardError(error).toBody() };
        return false;
      }
    },
    end() {
      work.wipe();
      return report;
    },
  };
}

type Work = {
  /** False: the frame is damaged and was left out. */
  frame(sequence: number): boolean;
  wipe(): void;
};

function encrypter(task: Task, shared: SharedState): Work {
  const { layout, plan, source, sink } = task;
  if (sink === undefined) throw new RangeError('nowhere to write to');
  const { frameLength, bodyAt } = layout;
  const most = longest(plan, frameLength);
  // One byte more than a frame, to see whether the source has grown.
  const plaintext = Buffer.allocUnsafeSlow(most + 1);
  const sealed = Buffer.allocUnsafeSlow(frameBytes(most, true));
  const [key, messageId] = secretsOf(task, shared);
  return {
    frame(sequence) {
      const final = sequence === plan.frames;
      const length = final ? plan.finalLength : frameLength;
      const wanted = plaintext.subarray(0, final ? length + 1 : length);
      if (readAt(source, wanted, (sequence - 1) * frameLength) !== length) throw sourceChanged(source.path);
      const put = sealFrame(sealed, { key, messageId, sequence, final }, plaintext.subarray(0, length));
      const at = bodyAt + (sequence - 1) * (frameLength + REGULAR_OVERHEAD);
      writePatiently(shared, sink, sealed.subarray(0, put), at);
      shared.add(length);
      return true;
    },
    wipe: () => wipe(plaintext),
  };
}

function decrypter(task: Task, shared: SharedState): Work {
  const { layout, plan, source, sink, onBad } = task;
  const { frameLength, bodyAt } = layout;
  const most = longest(plan, frameLength);
  const bytes = Buffer.allocUnsafeSlow(frameBytes(most, true));
  const plaintext = Buffer.allocUnsafeSlow(most);
  const [key, messageId] = secretsOf(task, shared);
  const open = (sequence: number): Buffer => {
    const final = sequence === plan.frames;
    const at = bodyAt + (sequence - 1) * (frameLength + REGULAR_OVERHEAD);
    const want = frameBytes(final ? plan.finalLength : frameLength, final);
    const got = bytes.subarray(0, readAt(source, bytes.subarray(0, want), at));
    const frame = parseFrame(got, { sequence, at, body: layout, name: source.path, last: final });
    const output = plaintext.subarray(0, frame.sealed.length - TAG_BYTES);
    if (!openFrame(output, { key, messageId, sequence, final }, frame.iv, frame.sealed)) {
      throw damaged(source.path, frame.from, frame.to, 'frame-changed', sequence);
    }
    return output;
  };
  return {
    frame(sequence) {
      let output: Buffer;
      try {
        output = open(sequence);
      } catch (error) {
        if (onBad === 'stop' || !isKeywardError(error, 'FileDamaged', 'FileTruncated', 'IoFailed'))
          throw error;
        return false;
      }
      if (sink !== undefined) writePatiently(shared, sink, output, (sequence - 1) * frameLength);
      shared.add(output.length);
      return true;
    },
    wipe: () => wipe(plaintext),
  };
}

/** Bytes of plaintext in the longest frame of a plan: many small files are worked on at once. */
function longest({ frames, finalLength }: Task['plan'], frameLength: number): number {
  return frames > 1 ? frameLength : finalLength;
}

function secretsOf({ keyLength, messageIdLength }: Task, shared: SharedState): [Uint8Array, Uint8Array] {
  return [shared.key(keyLength), shared.messageId(messageIdLength)];
}

/** The task was stopped for a reason that somebody else tells. */
class Stopped extends Error {}

const PAUSES = [50, 200, 800];

/** A file that a sync client holds for a moment is tried again with the same bytes (pitfall 28). */
function writePatiently(shared: SharedState, sink: Descriptor, bytes: Uint8Array, at: number): void {
  for (const pause of PAUSES) {
    try {
      writeAt(sink, bytes, at);
      return;
    } catch (error) {
      if (!isKeywardError(error, 'FileBusy')) throw error;
      shared.pause(pause);
      if (shared.stopped) throw new Stopped();
    }
  }
  writeAt(sink, bytes, at);
}

function note(bad: BadFrames[], sequence: number): void {
  const last = bad.at(-1);
  if (last?.last === sequence - 1) bad[bad.length - 1] = { first: last.first, last: sequence };
  else bad.push({ first: sequence, last: sequence });
}
