import { randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPlainBody, packBody, unpackBody } from '../../../src/main/audit/packed-body.ts';

/** An entry as `encrypt` writes one for each file. */
function usual(path = 63): string {
  const [messageId, material] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];
  return JSON.stringify({
    ...{ eventID: randomUUID(), eventTime: '2026-11-30T16:50:37.345Z', eventName: 'GenerateDataKey' },
    ...{ principal: 'arn:aws:iam::000000000000:user/cli', readOnly: true },
    requestParameters: {
      ...{ keyId: 'alias/my-files', keySpec: 'AES_256' },
      encryptionContext: { 'keyward:message-id': messageId },
    },
    ...{ responseElements: { keyMaterialId: material }, eventType: 'AwsApiCall' },
    keyArns: [`arn:aws:kms:local:000000000000:key/${randomUUID()}`],
    ...{ awsRegion: 'local', recipientAccountId: '000000000000' },
    file: randomBytes(path + 28).toString('base64'),
  });
}

/** Text in which what is packed stands beside what only looks like it. */
const pieces = fc.oneof(
  fc.constantFrom('{"eventID":"', 'arn:aws:kms:', ',"file":"', 'GenerateDataKey', '"}', 'local', ':key/'),
  fc.uuid(),
  fc.uuid().map((uuid) => uuid.toUpperCase()),
  fc.integer({ min: 0, max: 8_000_000_000_000 }).map((at) => new Date(at).toISOString()),
  fc.constantFrom(
    '2026-02-30T10:00:00.000Z',
    '2026-11-30T24:00:00.000Z',
    '1969-12-31T23:59:59.999Z',
    '9999-99-99T99:99:99.999Z',
  ),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => `,"file":"${Buffer.from(bytes).toString('base64')}"`),
  fc.constantFrom(
    ',"file":"AB',
    ',"file":"AB==',
    ',"file":"AC=',
    ',"file":"A',
    'a'.repeat(511),
    '😀'.repeat(70),
  ),
  fc.string(),
  fc.string({ unit: 'grapheme' }),
);

describe('a packed entry', () => {
  it('gives its text back, whatever that is', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = `{${parts.join('')}`;
        expect(unpackBody(packBody(text))).toBe(text);
        const json = JSON.stringify({ parts });
        expect(unpackBody(packBody(json))).toBe(json);
      }),
    );
  });

  it('takes a third of the room, of the entries that there is one of for each file', () => {
    for (let round = 0; round < 50; round++) {
      const text = usual();
      const packed = packBody(text);
      expect(isPlainBody(packed)).toBe(false);
      expect(unpackBody(packed)).toBe(text);
      expect(packed.length).toBeLessThan(text.length / 3 + 20);
    }
  });

  it('is not packed where that saves nothing, nor where the text would not come back', () => {
    for (const text of ['{}', '{"a":1}', '{"\ud800":"GenerateDataKey"}']) {
      expect(packBody(text)).toEqual(Buffer.from(text));
    }
  });

  it('that is damaged is told as unreadable, or reads as another text, and never fails otherwise', () => {
    const packed = packBody(usual());
    for (let at = 0; at < packed.length; at++) {
      expect(() => unpackBody(packed.subarray(0, at))).not.toThrow();
      for (const bit of [1, 4, 16, 128]) {
        const other = Buffer.from(packed);
        other[at] = (other[at] ?? 0) ^ bit;
        expect(() => unpackBody(other)).not.toThrow();
      }
    }
    for (const body of [
      '01ff',
      '0100',
      '0108',
      '010601',
      '0104ffff00',
      '0105ffffffffffff',
      '0102ab',
      '011f',
    ]) {
      expect(unpackBody(Buffer.from(body, 'hex')), body).toBeUndefined();
    }
    expect(unpackBody(Buffer.from('01', 'hex'))).toBe('');
  });

  it('reads the same in every version: the bytes of one entry', () => {
    const id = '00112233-4455-6677-8899-aabbccddeeff';
    const text = `{"eventID":"${id}","eventTime":"2026-11-30T16:50:37.345Z","eventName":"Decrypt","x":"${id} é"}`;
    const bytes = [
      ...['01', '80', '0200112233445566778899aabbccddeeff', '81', '0501a22d5d94a1'],
      ...['82', 'a0', '222c2278223a22', '0600', '20', '0702c3a9', 'aa'],
    ];
    expect(packBody(text).toString('hex')).toBe(bytes.join(''));
  });
});
