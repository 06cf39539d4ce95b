import type { EncryptionContext } from '../../../shared/context.ts';
import { isKeywardError, type KeywardError } from '../../../shared/errors.ts';
import { wipe } from '../../crypto/bytes.ts';
import type { SlotOpener } from '../slot-provider.ts';
import { noKeyFits, notCommitting } from './errors.ts';
import { type AwsHeader, type Edk, textOf } from './header.ts';
import { type OpenMessage, openAwsHeader, requiredPairs, wholeContext } from './keys.ts';
import { rawAesName } from './raw-aes.ts';
import { suiteName } from './suites.ts';

/** What the caller brings to open messages. */
export type UnlockOptions = {
  /** Pairs that must agree with the header's, or were left out of it. */
  readonly context?: EncryptionContext;
  /** Whether suites without commitment are read; the user says so for each file. */
  readonly allowNonCommitting?: boolean;
};

/**
 * Finds the key of a message among its slots and verifies its header. A slot whose key does not verify or is
 * refused is passed over. Throws `UnsupportedOperationException` for a suite that is not allowed,
 * `InvalidCiphertextException` for another context, `UnsupportedSlot` when no key fits, `WrongKey` and
 * `FileDamaged` when one did and the header did not verify, and what `openers` throw.
 */
export async function unlockMessage(
  header: AwsHeader,
  openers: readonly SlotOpener<Edk>[],
  { context = {}, allowNonCommitting = false }: UnlockOptions,
  name: string,
): Promise<OpenMessage> {
  if (!header.suite.committing && !allowNonCommitting) throw notCommitting(name, suiteName(header.suite));
  const required = requiredPairs(header, context, name);
  const binding = { name, context: wholeContext(header, required) };
  let failure: KeywardError | undefined;
  let refusal: KeywardError | undefined;
  for (const edk of header.edks) {
    for (const opener of openers) {
      let dataKey: Buffer | undefined;
      try {
        dataKey = await opener.unwrap(edk, binding);
        if (dataKey !== undefined) return openAwsHeader(header, dataKey, required, name);
      } catch (error) {
        if (!isKeywardError(error) || error.code === 'Cancelled') throw error;
        if (dataKey === undefined) refusal ??= error;
        else failure ??= error;
      } finally {
        if (dataKey !== undefined) wipe(dataKey);
      }
    }
  }
  throw failure ?? refusal ?? noKeyFits(name, header.edks.map(describeEdk));
}

/** What a slot says of its key, for people: `namespace / name`, without what can't be shown. */
export function describeEdk(edk: Edk): string {
  const name = rawAesName(edk) ?? textOf(edk.info) ?? edk.info.toString('hex');
  return printable(`${edk.providerId} / ${name}`);
}

function printable(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, '?').slice(0, 300);
}
