import type { Inspection } from '../../shared/contract.ts';
import { openFile } from '../disk/file.ts';
import { isAwsFile } from '../envelope/aws/header.ts';
import { copiesNotice, readHeader } from '../envelope/copies.ts';
import { nativeLayout } from '../envelope/message-body.ts';
import { planBody } from '../envelope/plan.ts';
import type { Slot } from '../envelope/slots.ts';
import type { KeyService } from '../kms/service.ts';
import { inspectAws } from './aws-inspect.ts';

const SLOT_KINDS = { local: 'local', aws: 'aws-kms', unknown: 'unknown' } as const;

/** The code that the format reserves for public-key recipients. */
const RECIPIENT = 3;

/**
 * What a file says of itself without any key; none of it is proven before the file is opened. Throws
 * `NotKeywardFile`, `NewerFormat`, `FileTruncated`, `FileDamaged` and the disk errors.
 */
export async function inspectFile(path: string): Promise<Inspection> {
  const file = await openFile(path, 'read');
  try {
    const { size } = await file.stat();
    if (await isAwsFile(file)) return await inspectAws(file, size);
    const state = await readHeader(file);
    const { header } = state;
    const layout = nativeLayout(header);
    const plan = planBody(size - layout.bodyAt, layout);
    const notes = [copiesNotice(state, path), plan === undefined ? lengthNotice(path) : undefined];
    return {
      source: path,
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
      slots: header.slots.map(slotFacts),
      notes: notes.filter((note) => note !== undefined),
    };
  } finally {
    await file.release();
  }
}

/** Adds whether the vault's keys have newer versions than those in the slots; what it does not know stays. */
export function withNewerVersions(kms: KeyService, facts: Inspection): Inspection {
  return {
    ...facts,
    slots: facts.slots.map((slot) => {
      if (slot.kind !== 'local' || slot.key === null || slot.version === null) return slot;
      if (!kms.has(slot.key)) return slot;
      const { metadata } = kms.look(slot.key);
      return { ...slot, newerVersion: metadata.CurrentKeyMaterialId !== slot.version };
    }),
  };
}

function slotFacts(slot: Slot): Inspection['slots'][number] {
  switch (slot.kind) {
    case 'local':
      return { kind: SLOT_KINDS.local, key: slot.keyId, version: slot.versionId };
    case 'aws':
      return { kind: SLOT_KINDS.aws, key: slot.keyArn, version: slot.versionId ?? null };
    case 'unknown':
      return { kind: slot.code === RECIPIENT ? 'recipient' : 'unknown', key: null, version: null };
  }
}

function lengthNotice(path: string): string {
  return `${path} does not have the length of a whole file: it was cut or something was added.`;
}
