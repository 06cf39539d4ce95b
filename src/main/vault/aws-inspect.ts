import type { Inspection } from '../../shared/contract.ts';
import { isKeywardError } from '../../shared/errors.ts';
import type { OpenFile } from '../disk/file.ts';
import { findExtent } from '../envelope/aws/extent.ts';
import { type AwsHeader, type Edk, readAwsHeader } from '../envelope/aws/header.ts';
import { suiteName } from '../envelope/aws/suites.ts';
import { describeEdk } from '../envelope/aws/unlock.ts';
import { planBody } from '../envelope/body-plan.ts';
import { fileSource } from '../envelope/io.ts';
import { localSlotOf } from './local-slot.ts';

/** Bytes around the content of a body without frames: IV, length and tag. */
const SINGLE_OVERHEAD = 12 + 8 + 16;

/** What an AWS message says of itself without any key: see `inspectFile`. */
export async function inspectAws(file: OpenFile, size: number): Promise<Inspection> {
  const { header } = await readAwsHeader(fileSource(file, 0, size));
  const { suite, frameLength } = header;
  const content = await contentOf(file, header, size);
  return {
    source: file.path,
    format: suite.version === 1 ? 'aws-encryption-sdk/1' : 'aws-encryption-sdk/2',
    suite: suiteName(suite),
    content: 'file',
    messageId: header.messageId.toString('hex'),
    generation: 1,
    frameLength: frameLength ?? content?.bytes ?? 0,
    frames: content?.frames ?? 0,
    plaintextBytes: content?.bytes ?? 0,
    fileBytes: size,
    context: { ...header.context },
    hasMetadata: false,
    slots: header.edks.map(slotFacts),
    notes: [
      ...(content === undefined ? [`${file.path} has no whole end: it was cut or something was added.`] : []),
      ...(suite.curve === undefined ? [] : ['It is signed.']),
      ...(suite.committing
        ? []
        : ['Its suite does not commit to one key; it opens only with a keyring that allows that.']),
    ],
  };
}

async function contentOf(
  file: OpenFile,
  header: AwsHeader,
  size: number,
): Promise<{ readonly frames: number; readonly bytes: number } | undefined> {
  const { frameLength, bodyAt } = header;
  try {
    const { end } = await findExtent(file, header, size);
    if (frameLength === undefined) return { frames: 1, bytes: end - bodyAt - SINGLE_OVERHEAD };
    const plan = planBody(end - bodyAt, { frameLength, shape: 'aws' });
    return plan === undefined ? undefined : { frames: plan.frames, bytes: plan.plaintextLength };
  } catch (error) {
    if (!isKeywardError(error, 'FileTruncated', 'FileDamaged')) throw error;
    return undefined;
  }
}

function slotFacts(edk: Edk): Inspection['slots'][number] {
  const own = localSlotOf(edk);
  if (own !== undefined) return { kind: 'local', key: own.keyId, version: own.versionId };
  const kind = edk.providerId === 'aws-kms' ? 'aws-kms' : 'raw-key';
  return { kind, key: describeEdk(edk), version: null };
}
