import { describe, expect, it } from 'vitest';
import { newHeader } from '../../../src/main/envelope/compose.ts';
import { unlockHeader } from '../../../src/main/envelope/open.ts';
import type { SlotOpener } from '../../../src/main/envelope/slot-provider.ts';
import type { Slot } from '../../../src/main/envelope/slots.ts';
import { type ErrorCode, KeywardError } from '../../../src/shared/errors.ts';
import { headerInput, localSlot } from './support.ts';

const aws: Slot = {
  kind: 'aws',
  keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
  versionId: undefined,
  wrapped: Buffer.alloc(184, 5),
};
const unknown: Slot = { kind: 'unknown', code: 3, body: Buffer.alloc(4) };
const refusal = (code: ErrorCode) => new KeywardError(code, `because of ${code}.`);

/** An opener of local and AWS slots. */
function opener(unwrap: SlotOpener<Slot>['unwrap']): SlotOpener<Slot>[] {
  return [{ unwrap: async (slot, binding) => (slot.kind === 'unknown' ? undefined : unwrap(slot, binding)) }];
}

describe('unlockHeader', () => {
  it('tries local slots first, goes on after failures, and tells them', async () => {
    const input = headerInput({ slots: [aws, localSlot(1), localSlot(2), unknown] });
    const tried: string[] = [];
    const { header } = newHeader(input);
    const { open, index, failures } = await unlockHeader(
      header,
      'x',
      opener(async (slot, { context }) => {
        tried.push(slot.kind === 'local' ? slot.keyId.slice(0, 2) : 'aws');
        expect(context).toEqual({ ...input.context, 'keyward:message-id': input.messageId.toString('hex') });
        if (slot.kind === 'local' && slot.keyId.startsWith('01')) throw refusal('DisabledException');
        return slot.kind === 'local' ? Buffer.alloc(32, 9) : Buffer.from(input.dataKey);
      }),
    );
    expect(tried).toEqual(['01', '02', 'aws']);
    expect(index).toBe(0);
    expect(open.metadata.name).toBe('letter.txt');
    expect(failures.map(({ index, error }) => [index, error.code])).toEqual([
      [1, 'DisabledException'],
      [2, 'WrongKey'],
    ]);
  });

  it('throws the most telling failure and names every slot', async () => {
    const { header } = newHeader(headerInput({ slots: [unknown, localSlot(1), localSlot(2)] }));
    const opening = unlockHeader(
      header,
      'x',
      opener(async (slot) => {
        throw refusal(
          slot.kind === 'local' && slot.keyId.startsWith('01') ? 'NotFoundException' : 'DisabledException',
        );
      }),
    );
    await expect(opening).rejects.toMatchObject({
      code: 'DisabledException',
      details: {
        slots: [
          { index: 1, key: localSlot(1).keyId, code: 'NotFoundException' },
          { index: 2, key: localSlot(2).keyId, code: 'DisabledException' },
          { index: 0, key: 'kind 3', code: 'UnsupportedSlot' },
        ],
      },
    });
  });

  it('fails on a slot that is nobody’s', async () => {
    const { header } = newHeader(headerInput({ slots: [unknown] }));
    const opening = unlockHeader(
      header,
      'x',
      opener(async () => Buffer.alloc(32)),
    );
    await expect(opening).rejects.toMatchObject({ code: 'UnsupportedSlot' });
  });

  it('wipes the data keys it was given', async () => {
    const input = headerInput({ slots: [localSlot(1), localSlot(2)] });
    const given = [Buffer.alloc(32, 3), Buffer.from(input.dataKey)];
    let next = 0;
    await unlockHeader(
      newHeader(input).header,
      'x',
      opener(async () => given[next++] ?? Buffer.alloc(0)),
    );
    for (const key of given) expect(key.every((byte) => byte === 0)).toBe(true);
  });

  it.each([
    ['the time is up', new DOMException('Late.', 'TimeoutError'), 'KeyUnavailableException'],
    ['it was cancelled', undefined, 'Cancelled'],
  ])('asks no key after %s, and says so', async (_, reason, code) => {
    let asked = 0;
    const { header } = newHeader(headerInput({ slots: [localSlot(1), aws] }));
    const opening = unlockHeader(
      header,
      'x',
      opener(async () => {
        asked++;
        return Buffer.alloc(32);
      }),
      AbortSignal.abort(reason),
    );
    await expect(opening).rejects.toMatchObject({ code });
    expect(asked).toBe(0);
  });

  it('asks each opener in turn, and takes a slot of any kind from whoever knows it', async () => {
    const input = headerInput({ slots: [localSlot(1), unknown] });
    const { header } = newHeader(input);
    const recipient: SlotOpener<Slot> = {
      unwrap: async (slot) => (slot.kind === 'unknown' ? Buffer.from(input.dataKey) : undefined),
    };
    const refusing = opener(async () => {
      throw refusal('DisabledException');
    });
    const { index, failures } = await unlockHeader(header, 'x', [...refusing, recipient]);
    expect(index).toBe(1);
    expect(failures.map(({ index, error }) => [index, error.code])).toEqual([[0, 'DisabledException']]);
  });
});
