import { withMessageId } from '../../shared/context.ts';
import { wipe } from '../crypto/bytes.ts';
import { checkFile, decryptFile, readRange } from '../envelope/body.ts';
import { newHeader, newMessageId } from '../envelope/compose.ts';
import { decryptBody } from '../envelope/decrypt.ts';
import { encryptStream } from '../envelope/encrypt.ts';
import { decryptInto, encryptFile } from '../envelope/files.ts';
import { readHeader, readStreamHeader } from '../envelope/header-copies.ts';
import type { ReadableFile } from '../envelope/io.ts';
import { nativeBody } from '../envelope/native-body.ts';
import { surveyFile, verifyFile } from '../envelope/salvage-scan.ts';
import { catalogEntryOf } from './catalog.ts';
import type { FileFormat, NewFile, NewFileJob, OpenedReadable } from './file-format.ts';
import type { JobCaller, JobServices } from './jobs.ts';
import { inspectNative } from './native-inspect.ts';
import { type Opened, openHeaderOf, openState } from './open-header.ts';
import { describeSlot, heldSlotIn, providerOf } from './slot-kinds.ts';

/** Keyward's own format (docs/format.md). */
export const NATIVE_FORMAT: FileFormat = {
  async open(services, by, file) {
    const opened = await openHeaderOf(services, by.caller, file, by.signal);
    const { header } = opened.state;
    const { body, checked, stream: _, ...common } = readable(file, opened);
    return {
      ...common,
      keys: header.slots.length,
      key: () => heldSlotIn(header, services, file.path).key,
      verify: (watch, onLength) => verifyFile(file, body, watch, onLength),
      into: async (target, watch) => decryptInto(await checked(), target, watch),
      range: async (first, end, sink, watch) => readRange(await checked(), first, end, sink, watch),
      salvage: (target, watch) => surveyFile(file, body, target, watch),
      frames: checked,
    };
  },

  async openReadable(services, by, file) {
    const {
      body: _b,
      checked: _c,
      ...common
    } = readable(file, await openHeaderOf(services, by.caller, file, by.signal));
    return common;
  },

  async openStream(services, by, source) {
    const { state, body: frames } = await readStreamHeader(source);
    const { open, notes } = await openState(services, by.caller, state, source.name, by.signal);
    return {
      flows: true,
      contentKind: state.header.contentKind,
      notes,
      flow: (sink, watch) => decryptBody(nativeBody(open), frames, sink, watch),
      wipe: () => wipe(open.payloadKey),
    };
  },

  inspect: inspectNative,
  header: (file) => readHeader(file),
  create: newNativeFile,
};

function readable<F extends ReadableFile>(file: F, { open, notes, state }: Opened) {
  const body = nativeBody(open);
  let once: ReturnType<typeof checkFile<F>> | undefined;
  const checked = () => {
    once ??= checkFile(file, body);
    return once;
  };
  const { messageId, context, contentKind } = state.header;
  const common: OpenedReadable = {
    metadata: open.metadata,
    messageId,
    kind: { context, contentKind },
    notes,
    check: async () => (await checked()).plan.plaintextLength,
    stream: async (sink, watch) => decryptFile(await checked(), sink, watch),
    wipe: () => wipe(open.payloadKey),
  };
  return { ...common, body, checked };
}

/** Makes a file under a new data key of `job.key`. Throws what the key core throws. */
async function newNativeFile(
  { slotKinds }: JobServices,
  { caller }: Pick<JobCaller, 'caller'>,
  { key, context, contentKind, metadata }: NewFileJob,
): Promise<NewFile> {
  const messageId = newMessageId();
  const binding = { name: caller.file?.path ?? '', context: withMessageId(context, messageId) };
  const { dataKey, slot } = await providerOf(slotKinds, caller, key).generate(binding);
  try {
    const open = newHeader({ messageId, dataKey, context, slots: [slot], metadata, contentKind });
    return {
      messageId,
      encryptFile: (source, length, target, watch) => encryptFile(open, source, length, target, watch),
      encryptStream: (source, sink, watch) => encryptStream(open, source, sink, watch),
      entry: (file) => catalogEntryOf(open.header, describeSlot(slotKinds, slot), file),
      wipe: () => wipe(open.payloadKey),
    };
  } finally {
    wipe(dataKey);
  }
}
