import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { errorAnswer } from '../../../src/main/server/wire.ts';
import { ERROR_CODES, KeywardError } from '../../../src/shared/errors.ts';
import { KMS_REFUSED } from '../../../src/shared/kms-operations.ts';
import { newKey, OWNER } from '../kms/support.ts';
import { call, JSON_TYPE, type Served, serve } from './support.ts';

const USER = 'arn:aws:iam::000000000000:user/tester';
let served: Served;

beforeEach(async () => {
  served = await serve();
});
afterEach(async () => served.endpoint.stop());

describe('AWS JSON 1.1', () => {
  it('carries operations: bytes in base64, dates in seconds, a request id in the headers', async () => {
    const { id, arn } = await newKey(served);
    const described = await call(served, 'DescribeKey', { KeyId: id });
    expect(described.fields).toMatchObject({
      KeyMetadata: { Arn: arn, CreationDate: served.clock.now() / 1_000 },
    });
    expect(described.headers).toMatchObject({
      'content-type': JSON_TYPE,
      'cache-control': 'no-store',
      date: new Date(served.clock.now()).toUTCString(),
      'x-amzn-requestid': expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    });
    const pairs = { EncryptionContext: { matter: '17' } };
    const { fields } = await call(served, 'Encrypt', { KeyId: id, Plaintext: 'aGVsbG8=', ...pairs });
    const opened = await call(served, 'Decrypt', {
      CiphertextBlob: fields['CiphertextBlob'] ?? null,
      ...pairs,
    });
    expect(opened.fields).toMatchObject({ KeyId: arn, Plaintext: 'aGVsbG8=' });
    expect((await call(served, 'DisableKey', { KeyId: id })).fields).toEqual({});
  });

  it('is in the log with the id of its answer, where it came from, and by what program', async () => {
    const { id } = await newKey(served);
    const agent = `aws-cli/2 ${'x'.repeat(2_000)}`;
    const added = { 'user-agent': agent };
    const made = await call(served, 'GenerateDataKey', { KeyId: id, KeySpec: 'AES_256' }, { added });
    const requestID = made.headers['x-amzn-requestid'];
    const origin = { sourceIPAddress: '127.0.0.1', userAgent: agent.slice(0, 256) };
    expect(served.audit.list({ limit: 1 })).toMatchObject([{ requestID, ...origin }]);
    const used = await call(served, 'GetKeyLastUsage', { KeyId: id });
    expect(used.fields['KeyLastUsage']).toMatchObject({
      Operation: 'GenerateDataKey',
      KmsRequestId: requestID,
    });
    const refused = await call(served, 'DescribeKey', { KeyId: 'alias/none' });
    const [entry] = served.audit.list({ limit: 1 });
    expect(entry).toMatchObject({
      errorCode: 'NotFoundException',
      requestID: refused.headers['x-amzn-requestid'],
    });
    expect(entry?.requestID).not.toBe(requestID);
    expect(entry?.userAgent).toBeUndefined();
    // What comes by no request has none of it.
    await served.kms.DescribeKey(OWNER, { KeyId: id });
    const names = Object.keys(served.audit.list({ limit: 1 })[0] ?? {});
    expect(names).toContain('eventID');
    for (const name of ['requestID', 'sourceIPAddress', 'userAgent']) expect(names).not.toContain(name);
  });

  it('names errors as AWS does', async () => {
    const { id, arn } = await newKey(served);
    const missing = id.replace(/^./, (digit) => (digit === '0' ? '1' : '0'));
    expect(await call(served, 'DescribeKey', { KeyId: missing })).toMatchObject({
      status: 400,
      fields: { __type: 'NotFoundException', message: `Key '${arn.replace(id, missing)}' does not exist` },
    });
    const foreign = await call(served, 'Decrypt', { CiphertextBlob: 'aGVsbG8=' });
    expect([foreign.status, foreign.fields]).toEqual([400, { __type: 'InvalidCiphertextException' }]);
    expect((await call(served, 'Encrypt', { KeyId: id })).type).toBe('ValidationException');
    await call(served, 'DisableKey', { KeyId: id });
    expect(await call(served, 'GenerateDataKey', { KeyId: id, KeySpec: 'AES_256' })).toMatchObject({
      type: 'DisabledException',
      message: `${arn} is disabled.`,
    });
  });

  it('tells operations that are not there from those that this vault does not have', async () => {
    for (const target of [
      'TrentService.Nothing',
      'TrentService.',
      'DynamoDB.ListKeys',
      'ListKeys',
      'trentservice.ListKeys',
      'TrentService.__proto__',
    ]) {
      const reply = await call(served, '', {}, { target });
      expect(reply, target).toMatchObject({ status: 400, type: 'UnknownOperationException' });
    }
    for (const [name, reason] of Object.entries(KMS_REFUSED)) {
      const reply = await call(served, name);
      expect(reply, name).toMatchObject({
        type: 'UnsupportedOperationException',
        message: `${name}: ${reason}`,
      });
      expect(served.audit.list({ limit: 1 })).toMatchObject([{ eventName: name, principal: USER }]);
    }
  });

  it('takes JSON objects in UTF-8 and nothing else', async () => {
    const bodies = [
      '',
      '{',
      '[]',
      '"a"',
      'null',
      '1',
      Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]),
    ];
    for (const body of bodies) {
      const reply = await call(served, 'ListKeys', {}, { body });
      expect(reply, String(body)).toMatchObject({ status: 400, type: 'SerializationException' });
    }
    expect((await call(served, 'ListKeys', { Limit: '5' })).type).toBe('SerializationException');
    const odd = '{"__proto__":{"Limit":0},"constructor":1,"Limit":null,"\\u0000":[[]]}';
    expect((await call(served, 'ListKeys', {}, { body: odd })).status).toBe(200);
  });

  it('gives each code of ours as one of AWS', () => {
    const told = new Map(
      ERROR_CODES.map((code) => [code, errorAnswer(new KeywardError(code, 'Why.'))] as const),
    );
    for (const [code, { status, body }] of told) {
      const { __type: type, message } = JSON.parse(body) as { __type: string; message: string };
      expect(message).toBe('Why.');
      expect(type, code).toBe(code.endsWith('Exception') ? code : type);
      expect(type).toMatch(/Exception$/);
      expect(status, code).toBe(
        ['KMSInternalException', 'KeyUnavailableException'].includes(type) ? 500 : 400,
      );
    }
    const typeOf = (code: (typeof ERROR_CODES)[number]) => told.get(code)?.body.split('"')[3];
    expect(typeOf('VaultLocked')).toBe('KeyUnavailableException');
    expect(typeOf('Cancelled')).toBe('KeyUnavailableException');
    for (const code of ['Internal', 'AuditUnwritable', 'DiskFull', 'VaultDamaged'] as const) {
      expect(typeOf(code)).toBe('KMSInternalException');
    }
  });
});
