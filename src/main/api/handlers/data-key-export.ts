import type { Input, Output } from '../../../shared/contract.ts';
import type { PersonalCredential } from '../../../shared/credential.ts';
import { wipe } from '../../crypto/bytes.ts';
import type { Caller } from '../../kms/types.ts';
import { exportDataKey } from '../../vault/export-data-key.ts';
import type { JobServices } from '../../vault/jobs.ts';
import { answerOf, wrapOf } from './key-export.ts';
import { refusalOf } from './reauthentication.ts';

/** Exports the data key of one file, as `exportKey` exports a version. */
export async function exportFileKey(
  services: JobServices,
  confirm: (credential: PersonalCredential) => Promise<void>,
  input: Input<'files.exportDataKey'>,
  caller: Caller,
): Promise<Output<'files.exportDataKey'>> {
  const { source, credential } = input;
  const wrap = wrapOf(input);
  const given = await exportDataKey(services, caller, source, await refusalOf(credential, confirm));
  try {
    const dataKey = given.exported.toString('base64');
    const document = { format: 'keyward data key', formatVersion: 1, messageId: given.messageId, dataKey };
    return await answerOf(given, document, wrap);
  } finally {
    wipe(given.exported, wrap);
  }
}
