import { wipe } from '../crypto/bytes.ts';
import type { OpenFile } from '../disk/file.ts';
import { type CheckedFile, checkFile, readRange } from '../envelope/body.ts';
import { decryptInto } from '../envelope/files.ts';
import { nativeBody } from '../envelope/message-body.ts';
import { surveyFile, verifyFile } from '../envelope/salvage-scan.ts';
import type { JobCaller, JobServices } from './jobs.ts';
import { openForReading } from './open-header.ts';
import type { OpenedFile } from './opened-file.ts';

/** Opens the header of a native file: see `openForReading`. */
export async function openNativeFile(
  services: JobServices,
  by: JobCaller,
  file: OpenFile,
): Promise<OpenedFile> {
  const { open, notes, state } = await openForReading(services, by.caller, file, by.signal);
  const body = nativeBody(open);
  let once: Promise<CheckedFile<OpenFile>> | undefined;
  const checked = () => {
    once ??= checkFile(file, body);
    return once;
  };
  return {
    metadata: open.metadata,
    messageId: state.header.messageId,
    contentKind: state.header.contentKind,
    notes,
    check: async () => (await checked()).plan.plaintextLength,
    verify: (watch, onLength) => verifyFile(file, body, watch, onLength),
    into: async (target, watch) => decryptInto(await checked(), target, watch),
    range: async (first, end, sink, watch) => readRange(await checked(), first, end, sink, watch),
    salvage: (target, watch) => surveyFile(file, body, target, watch),
    wipe: () => wipe(open.payloadKey),
  };
}
