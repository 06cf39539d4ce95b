import type { Inspection } from '../../shared/contract.ts';
import type { OpenFile } from '../disk/file.ts';
import { planBody } from '../envelope/body-plan.ts';
import { copiesNotice, readHeader } from '../envelope/header-copies.ts';
import { nativeLayout } from '../envelope/native-body.ts';
import { describeSlot, type SlotKind } from './slot-kinds.ts';

/** What a native file says of itself without any key: see `inspectFile`. */
export async function inspectNative(
  file: OpenFile,
  size: number,
  kinds: readonly Pick<SlotKind, 'describe'>[],
): Promise<Inspection> {
  const state = await readHeader(file);
  const { header } = state;
  const layout = nativeLayout(header);
  const plan = planBody(size - layout.bodyAt, layout);
  const notes = [copiesNotice(state, file.path), plan === undefined ? lengthNotice(file.path) : undefined];
  return {
    source: file.path,
    format: 'keyward/1',
    content: header.contentKind,
    messageId: header.messageId.toString('hex'),
    generation: header.generation,
    frameLength: header.frameLength,
    frames: plan?.frames ?? 0,
    plaintextBytes: plan?.plaintextLength ?? 0,
    fileBytes: size,
    context: { ...header.context },
    hasMetadata: header.sealedMetadata.length > 0,
    slots: header.slots.map((slot) => describeSlot(kinds, slot)),
    notes: notes.filter((note) => note !== undefined),
  };
}

function lengthNotice(path: string): string {
  return `${path} does not have the length of a whole file: it was cut or something was added.`;
}
