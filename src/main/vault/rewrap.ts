import type { FileResult } from '../../shared/contract.ts';
import { fail, type KeywardError } from '../../shared/errors.ts';
import { randomUuid } from '../crypto/bytes.ts';
import { type OpenFile, openFile } from '../disk/file.ts';
import { planBody } from '../envelope/body-plan.ts';
import { rebuildHeader } from '../envelope/compose.ts';
import type { Header } from '../envelope/header.ts';
import { copiesNotice, type HeaderState, readHeader } from '../envelope/header-copies.ts';
import { nativeLayout } from '../envelope/native-body.ts';
import { openHeader } from '../envelope/open.ts';
import { replaceHeader } from '../envelope/rewrite.ts';
import type { Slot } from '../envelope/slots.ts';
import { releaseLease, renewLease, takeLease } from '../store/leases.ts';
import type { Member } from './batch.ts';
import { catalogEntryOf } from './catalog.ts';
import { isStill } from './file-identity.ts';
import { formatOf } from './formats.ts';
import { about, type JobCaller, type JobServices } from './jobs.ts';
import { KeyedMutex } from './keyed-mutex.ts';
import { type Outcome, runFiles } from './runner.ts';
import { describeSlot, heldSlotIn } from './slot-kinds.ts';

const LEASE_MS = 60_000;

/** Which files to move to the current version of their key, or of another key. */
type RewrapJob = {
  readonly sources: readonly string[];
  readonly key?: string;
  readonly each: boolean;
  /** Skips files that are under the key's current version already. */
  readonly skipExisting?: boolean;
  /** Only files that are wrapped under this version of a key, by its id or the beginning of it. */
  readonly fromVersion?: string;
};

/** Rewraps the data keys of files: headers only, bodies are not touched. One result for each file. */
export async function rewrapFiles(
  services: JobServices,
  job: RewrapJob,
  by: JobCaller,
): Promise<FileResult[]> {
  const choice = { each: job.each, wanted: 'encrypted', home: services.home } as const;
  // Copies of one file share its message id, and so its lease.
  const turns = new KeyedMutex();
  return runFiles(job.sources, choice, by, async (found, { progress, member }) => {
    progress.resize(0);
    const file = await openFile(found.path, 'update');
    try {
      const state = await (await formatOf(file)).header(file, 'rewrap');
      const id = state.header.messageId.toString('hex');
      if (job.fromVersion !== undefined && !isUnder(services, state.header, job.fromVersion)) {
        return { output: null, bytes: 0, skipped: 'other-version' };
      }
      if (job.skipExisting === true && isCurrent(services, job, state, file.path)) {
        return { output: file.path, bytes: 0, skipped: 'up-to-date' };
      }
      return await turns.take(id, member, async (waited) =>
        rewrapOne(services, job, by, { file, state: waited ? await readHeader(file) : state, member }),
      );
    } finally {
      await file.close();
    }
  });
}

async function rewrapOne(
  services: JobServices,
  job: RewrapJob,
  by: JobCaller,
  { file, state, member }: { readonly file: OpenFile; readonly state: HeaderState; readonly member: Member },
): Promise<Outcome> {
  const { header } = state;
  const { kind, slot } = heldSlotIn(header, services, file.path);
  const lease = `header/${header.messageId.toString('hex')}`;
  const holder = randomUuid();
  await member.meet();
  await services.store.group((tx) => takeLease(tx, services.clock, lease, holder, LEASE_MS));
  try {
    const { result, slot: made } = await kind.replace(about(by.caller, file.path), slot, {
      file: { name: file.path, messageId: header.messageId, context: header.context },
      key: job.key,
      verify: (dataKey) => isAuthentic(header, dataKey, file.path),
      seal: (dataKey, next) =>
        rebuildHeader(header, dataKey, replaceSlot(header.slots, slot, next), file.path),
    });
    // A cancel does not end it between the two copies.
    await replaceHeader(file, state, result, {
      meet: () => member.meet().catch(() => undefined),
      hold: () => services.store.group((tx) => renewLease(tx, services.clock, lease, holder, LEASE_MS)),
    });
    const now = await file.stat();
    if (!(await isStill(file.path, now))) throw replaced(file.path);
    const layout = nativeLayout(header);
    const bytes = planBody(now.size - layout.bodyAt, layout)?.plaintextLength ?? 0;
    await services.store.group((tx) => {
      const mark = services.files.get(tx, header.messageId)?.mark ?? '';
      const about = { path: file.path, bytes, at: services.clock.now(), mark };
      const facts = describeSlot(services.slotKinds, made);
      services.files.put(tx, header.messageId, catalogEntryOf(result, facts, about));
      releaseLease(tx, lease, holder);
    });
    const notice = copiesNotice(state, file.path);
    return { output: file.path, bytes, ...(notice === undefined ? {} : { notes: [notice] }) };
  } catch (error) {
    await services.store.group((tx) => releaseLease(tx, lease, holder));
    throw error;
  }
}

/** What was rewrapped has lost its name to another file, as sync programs do it. */
function replaced(path: string): KeywardError {
  return fail('source-replaced-while-rewrapped', { path });
}

/** Whether a file is under the current version of the key that it is to be under, in both header copies. */
function isCurrent(
  services: JobServices,
  job: RewrapJob,
  { header, fellBack }: HeaderState,
  path: string,
): boolean {
  const { kind, slot } = heldSlotIn(header, services, path);
  return !fellBack && kind.isCurrent(slot, job.key);
}

function isUnder({ slotKinds }: JobServices, { slots }: Header, version: string): boolean {
  return slots.some((slot) => describeSlot(slotKinds, slot).version?.startsWith(version) === true);
}

function isAuthentic(header: Header, dataKey: Buffer, path: string): boolean {
  openHeader(header, dataKey, path).payloadKey.fill(0);
  return true;
}

function replaceSlot(slots: readonly Slot[], old: Slot, next: Slot): Slot[] {
  return slots.map((slot) => (slot === old ? next : slot));
}
