import { KeywardError } from '../../shared/errors.ts';
import type { Header } from '../envelope/header.ts';
import type { LocalSlot } from '../envelope/slots.ts';
import type { KeyService } from '../kms/service.ts';

/**
 * The slot of a file that this vault's keys open; a file may have slots for other vaults before it. Throws
 * `UnsupportedSlot` if no slot is for a vault, `WrongKey` if all that are belong to others.
 */
export function localSlotIn({ slots }: Header, kms: KeyService, path: string): LocalSlot {
  const local = slots.filter((slot) => slot.kind === 'local');
  const own = local.find(({ keyId }) => kms.has(keyId));
  if (own !== undefined) return own;
  if (local.length > 0) throw otherVault(path);
  throw new KeywardError('UnsupportedSlot', `${path} has no key of a vault, so this can't be done with it.`, {
    path,
  });
}

/** The keys that open a file are not in this vault. */
export function otherVault(path: string, cause?: KeywardError): KeywardError {
  return new KeywardError(
    'WrongKey',
    `${path} was encrypted under a key that this vault does not have. Open it with the vault it was made in.`,
    cause?.details ?? { path },
    cause,
  );
}
