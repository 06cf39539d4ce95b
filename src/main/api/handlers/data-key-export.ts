import { wipe } from '../../crypto/bytes.ts';
import { exportDataKey } from '../../vault/export-data-key.ts';
import type { Handler } from './handler-context.ts';
import { answerOf, wrapOf } from './key-export.ts';
import { refusalOf } from './reauthentication.ts';

/** Exports the data key of one file, as `exportKey` exports a version. */
export const exportFileKey: Handler<'files.exportDataKey'> = async (
  { fileServices, confirm },
  input,
  { caller },
) => {
  const { source, credential } = input;
  const wrap = wrapOf(input);
  const given = await exportDataKey(fileServices, caller, source, await refusalOf(credential, confirm));
  try {
    const dataKey = given.exported.toString('base64');
    const document = { format: 'keyward data key', formatVersion: 1, messageId: given.messageId, dataKey };
    return await answerOf(given, document, wrap);
  } finally {
    wipe(given.exported, wrap);
  }
};
