import { wipe } from '../../crypto/bytes.ts';
import type { Core } from '../core.ts';
import type { Caller, CreateKeyInput, KeyMetadata } from '../types.ts';
import { checkFree, createAliasIn, createAliasOperation } from './alias.ts';
import { createKeyIn, createKeyOperation, draftKey } from './key.ts';
import { enableRotationIn } from './rotation.ts';

/** A new key, its name, and the days of its rotation (90–2560), if it is to rotate. */
export type CreateNamedKeyInput = CreateKeyInput & {
  readonly AliasName: string;
  readonly RotationPeriodInDays?: number;
};

/**
 * `CreateKey`, `CreateAlias` and, where days are given, `EnableKeyRotation` in one transaction: a key that could not
 * get its name or rotation is not made.
 */
export async function createNamedKey(
  core: Core,
  caller: Caller,
  input: CreateNamedKeyInput,
): Promise<{ KeyMetadata: KeyMetadata }> {
  const { AliasName, RotationPeriodInDays } = input;
  const material = await draftKey(core, caller, input);
  try {
    return core.journal.change((tx, step) => {
      const made = step(createKeyOperation(caller, input), (record) => {
        checkFree(core, tx, AliasName);
        return createKeyIn(core, tx, record, input, material);
      });
      const { KeyId } = made;
      const alias = { AliasName, TargetKeyId: KeyId };
      step(createAliasOperation(caller, alias), (record) => createAliasIn(core, tx, record, alias));
      if (RotationPeriodInDays !== undefined) {
        enableRotationIn(core, tx, step, caller, { KeyId, RotationPeriodInDays });
      }
      return { KeyMetadata: made };
    });
  } finally {
    wipe(material);
  }
}
