import type { Inspection } from '../../shared/contract.ts';
import { openFile } from '../disk/file.ts';
import type { KeyService } from '../kms/service.ts';
import { formatOf } from './formats.ts';
import type { SlotKind } from './slot-kinds.ts';

/**
 * What a file says of itself without any key; none of it is proven before the file is opened. `kinds` describe slots
 * that the format itself can't. Throws `NotKeywardFile`, `NewerFormat`, `FileTruncated`, `FileDamaged` and the disk errors.
 */
export async function inspectFile(
  path: string,
  kinds: readonly Pick<SlotKind, 'describe'>[] = [],
): Promise<Inspection> {
  const file = await openFile(path, 'read');
  try {
    const { size } = await file.stat();
    return await (await formatOf(file)).inspect(file, size, kinds);
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
