import { fail, isKeywardError, KeywardError } from '../../shared/errors.ts';
import type { OpenFile } from '../disk/file.ts';
import { checkFile } from './body.ts';
import { type BodyPlan, FINAL_OVERHEAD, planBody, REGULAR_OVERHEAD } from './body-plan.ts';
import { runFrames, runFramesHere } from './engine/run.ts';
import type { BadFrames } from './engine/task.ts';
import { damaged, truncated } from './errors.ts';
import { contentOffset, FINAL_MARK, frameBytes } from './frame.ts';
import type { Body } from './message-body.ts';
import { throwIfAborted, type Watch } from './pipeline.ts';

/** Bytes of the plaintext from `from` up to, not including, `to`. */
type Range = { readonly from: number; readonly to: number };

/** What can still be read of a file. */
export type SalvagedRecords = {
  /** Bytes of plaintext that are authentic. */
  readonly bytes: number;
  /** Bytes of plaintext that the file stands for, as far as one can tell. */
  readonly of: number;
  readonly lost: readonly Range[];
  /** Nobody can tell how much there was behind `of`: there is no authentic end. */
  readonly endMissing: boolean;
  /** Bytes that follow the end of the file and are no part of it. */
  readonly surplus: number;
};

/**
 * Verifies every frame of a file and goes on behind a damaged one. Resolves to the bytes of plaintext when all
 * is well. Throws `FileTruncated` as soon as the end turns out to be missing, and `FileDamaged` with all ranges
 * of the plaintext that are lost. `onLength` hears how long the plaintext is.
 */
export async function verifyFile(
  file: OpenFile,
  body: Body,
  watch: Watch = {},
  onLength: (plaintextLength: number) => void = () => undefined,
): Promise<number> {
  let ending: KeywardError | undefined;
  try {
    const { plan } = await checkFile(file, body);
    onLength(plan.plaintextLength);
  } catch (error) {
    if (!(error instanceof KeywardError) || error.details['frame'] === undefined) throw error;
    ending = error;
  }
  const survey = await surveyFile(file, body, undefined, watch);
  if (survey.lost.length > 0) throw lostRanges(file.path, survey);
  const { size } = await file.stat();
  if (survey.endMissing) throw ending ?? truncated(file.path, size);
  if (survey.surplus > 0) {
    throw damaged(file.path, size - survey.surplus, size, 'surplus-behind-file');
  }
  return survey.bytes;
}

/**
 * Decrypts what is authentic of a file into an empty one, each byte at its place, and leaves out the rest; with
 * no target it only looks. Throws nothing over damage: that is in the survey.
 */
export async function surveyFile(
  file: OpenFile,
  body: Body,
  target: OpenFile | undefined,
  watch: Watch = {},
): Promise<SalvagedRecords> {
  const { size } = await file.stat();
  const whole = planBody(size - body.bodyAt, body);
  const last = whole === undefined ? undefined : await statedFinal(file, body.bodyAt + whole.finalOffset);
  const fits = last?.sequence === whole?.frames && last?.length === whole?.finalLength;
  // A final frame that states another length is either damaged or not at the end of the file.
  const found = fits
    ? whole
    : ((await findEnd(file, size, body, watch)) ?? (last === undefined ? undefined : whole));
  const plan = found ?? brokenPlan(size, body);
  const end = body.bodyAt + plan.finalOffset + frameBytes(plan.finalLength, true);
  const frames = { kind: 'decrypt', body, plan, source: file, sink: target, onBad: 'collect' } as const;
  const { bytes, bad } = (await runFrames(frames, watch)) ?? (await runFramesHere(frames, watch));
  const lost = bad.map((frame) => rangeOf(frame, body, plan)).filter(({ from, to }) => to > from);
  const surplus = found === undefined ? 0 : size - end;
  // An empty final frame loses no bytes, but without it nothing says that there were no more.
  const endMissing = found === undefined || (plan.finalLength === 0 && bad.at(-1)?.last === plan.frames);
  return { bytes, of: plan.plaintextLength, lost, endMissing, surplus };
}

/**
 * The plan of a body that ends before its file does: its final frame stands at one of the places of frames and
 * is authentic. `undefined` if there is none; looked for from the end, 24 bytes a place.
 */
async function findEnd(
  file: OpenFile,
  size: number,
  body: Body,
  { signal }: Watch,
): Promise<BodyPlan | undefined> {
  const { bodyAt, frameLength } = body;
  const stride = frameLength + REGULAR_OVERHEAD;
  for (let regular = Math.floor((size - bodyAt - FINAL_OVERHEAD) / stride); regular >= 0; regular--) {
    throwIfAborted(signal);
    const at = bodyAt + regular * stride;
    const stated = await statedFinal(file, at);
    if (stated?.sequence !== regular + 1 || stated.length > frameLength) continue;
    const end = at + frameBytes(stated.length, true);
    if (end > size) continue;
    try {
      return (await checkFile(file, body, end)).plan;
    } catch (error) {
      if (!isKeywardError(error, 'FileDamaged', 'FileTruncated', 'IoFailed')) throw error;
    }
  }
  return undefined;
}

/** The error that tells what is lost of a file; its details hold the first thousand ranges. */
export function lostRanges(path: string, { lost, bytes, of }: SalvagedRecords): KeywardError {
  const some = lost.slice(0, 3).map(({ from, to }) => `${count(from)}–${count(to)}`);
  return fail(
    'content-lost',
    { path, of, places: some, more: Math.max(0, lost.length - 3), whole: bytes },
    { path, of, whole: bytes, lost: lost.slice(0, 1_000).map(({ from, to }) => ({ from, to })) },
  );
}

/** What the final frame at this place states, if a final frame's mark stands there and the disk can read it. */
async function statedFinal(
  file: OpenFile,
  at: number,
): Promise<{ readonly sequence: number; readonly length: number } | undefined> {
  const head = Buffer.alloc(contentOffset(true));
  try {
    if ((await file.read(head, at)) < head.length || head.readUInt32BE(0) !== FINAL_MARK) return undefined;
  } catch (error) {
    if (isKeywardError(error, 'IoFailed')) return undefined;
    throw error;
  }
  return { sequence: head.readUInt32BE(4), length: head.readUInt32BE(20) };
}

/** For a file without its end: frames as far as they go, and a last one that is not whole. */
function brokenPlan(size: number, { bodyAt, frameLength }: Body): BodyPlan {
  const stride = frameLength + REGULAR_OVERHEAD;
  const regular = Math.floor(Math.max(0, size - bodyAt) / stride);
  const finalOffset = regular * stride;
  return { frames: regular + 1, plaintextLength: regular * frameLength, finalOffset, finalLength: 0 };
}

function rangeOf({ first, last }: BadFrames, { frameLength }: Body, plan: BodyPlan): Range {
  const to = last === plan.frames ? plan.plaintextLength : last * frameLength;
  return { from: Math.min((first - 1) * frameLength, to), to };
}

function count(bytes: number): string {
  return bytes.toLocaleString('en-GB');
}
