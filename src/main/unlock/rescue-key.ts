import type { PersonalCredential } from '../../shared/credential.ts';
import type { ProtectorRow } from '../store/keys-file/contents.ts';
import { openFittingRecord } from './open.ts';
import { decodeRecord, type ProtectorFacts } from './record.ts';
import type { RootKey } from './root-key.ts';

/** A root key, and the protector that gave it. */
type RescuedRoot = { readonly root: RootKey; readonly facts: ProtectorFacts };

/**
 * Opens the root key of a damaged vault by any protector of the credential's kind whose own checksum holds, wherever it
 * was found. What it gives is believed by what it then verifies. `undefined` if there is none of that kind; throws
 * `WrongPassphrase`, `WrongRecoveryPhrase`.
 */
export async function openRescueKey(
  rows: readonly ProtectorRow[],
  credential: PersonalCredential,
): Promise<RescuedRoot | undefined> {
  const records = rows.flatMap(({ record }) => {
    const decoded = decodeRecord(record);
    return decoded?.facts.kind === credential.kind ? [decoded] : [];
  });
  const unique = [...new Map(records.map((record) => [record.wrapped.toString('hex'), record])).values()];
  return unique.length === 0 ? undefined : openFittingRecord(unique, credential);
}
