import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  ListKeysCommand,
  SignCommand,
  VerifyCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AccessKey, clientOf, type Serving, serveLive } from '../support/endpoint.ts';
import { LiveVault } from '../support/live-vault.ts';

let vault: LiveVault;
let serving: Serving;
let key: AccessKey;

beforeEach(async () => {
  vault = await LiveVault.make();
  key = await vault.call('clients.create', { name: 'app', policy: null });
  serving = await serveLive(vault);
});

afterEach(async () => {
  await serving.stop();
  await vault.end();
});

/** Name and message of what a call is refused with, and its HTTP status. */
async function refusal(call: Promise<unknown>) {
  const error = await call.then(
    () => ({ name: 'none', message: '', $metadata: { httpStatusCode: 0 } }),
    (thrown: Error & { $metadata: { httpStatusCode: number } }) => thrown,
  );
  return { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode };
}

describe("the endpoint, for AWS's own client", () => {
  it('is AWS KMS: keys, aliases, data, data keys, signatures, MACs', async () => {
    const kms = clientOf(serving.facts, key);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({ Description: 'for the app' }));
    const KeyId = KeyMetadata?.KeyId;
    expect(KeyMetadata?.Arn).toBe(`arn:aws:kms:local:000000000000:key/${KeyId}`);
    expect(KeyMetadata?.CreationDate).toBeInstanceOf(Date);
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: KeyId }));
    const named = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/app' }));
    expect(named.KeyMetadata?.Description).toBe('for the app');
    const EncryptionContext = { tenant: 'a', ünï: '文件' };
    const Plaintext = Buffer.from('hello');
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId: 'alias/app', Plaintext, EncryptionContext }),
    );
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('hello');
    const dataKey = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
    const again = await kms.send(new DecryptCommand({ CiphertextBlob: dataKey.CiphertextBlob }));
    expect(again.Plaintext).toEqual(dataKey.Plaintext);

    const pair = await kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
    const signing = {
      KeyId: pair.KeyMetadata?.KeyId,
      SigningAlgorithm: 'ECDSA_SHA_256',
      Message: Plaintext,
    } as const;
    const { Signature } = await kms.send(new SignCommand(signing));
    expect((await kms.send(new VerifyCommand({ ...signing, Signature }))).SignatureValid).toBe(true);
    expect((await kms.send(new GetPublicKeyCommand({ KeyId: signing.KeyId }))).KeySpec).toBe('ECC_NIST_P256');
    const mac = await kms.send(
      new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    );
    const macs = { KeyId: mac.KeyMetadata?.KeyId, MacAlgorithm: 'HMAC_SHA_256', Message: Plaintext } as const;
    const { Mac } = await kms.send(new GenerateMacCommand(macs));
    expect((await kms.send(new VerifyMacCommand({ ...macs, Mac }))).MacValid).toBe(true);
    const changed = kms.send(new VerifyMacCommand({ ...macs, Mac, Message: Buffer.from('other') }));
    expect((await refusal(changed)).name).toBe('KMSInvalidMacException');
  });

  it('errs by AWS’s names', async () => {
    const kms = clientOf(serving.facts, key);
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId;
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: 'alias/nothing' })))).toEqual({
      name: 'NotFoundException',
      message: 'Alias arn:aws:kms:local:000000000000:alias/nothing is not found.',
      status: 400,
    });
    const foreign = new DecryptCommand({ CiphertextBlob: Buffer.from('foreign') });
    expect((await refusal(kms.send(foreign))).name).toBe('InvalidCiphertextException');
    expect(
      (await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.alloc(4_097) })))).name,
    ).toBe('ValidationException');
    await kms.send(new DisableKeyCommand({ KeyId }));
    expect(await refusal(kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })))).toMatchObject({
      name: 'DisabledException',
      message: `${KeyMetadata?.Arn} is disabled.`,
    });
  });

  it('refuses another secret, another region, another time, and who was revoked', async () => {
    const list = new ListKeysCommand({});
    const named = (more: Parameters<typeof clientOf>[2], by = key) =>
      refusal(clientOf(serving.facts, by, more).send(list));
    expect((await named({}, { ...key, secretAccessKey: 'x'.repeat(40) })).name).toBe(
      'InvalidSignatureException',
    );
    const region = await named({ region: 'eu-central-1' });
    expect(region.name).toBe('InvalidSignatureException');
    expect(region.message).toContain('valid region');
    expect((await named({ systemClockOffset: -600_000 })).message).toMatch(/^Signature expired/);
    expect((await named({ systemClockOffset: 600_000 })).message).toMatch(/^Signature not yet current/);
    const { accessKeyId, secretAccessKey } = key;
    const token = { credentials: { accessKeyId, secretAccessKey, sessionToken: 'token' } };
    expect((await named(token)).name).toBe('UnrecognizedClientException');
    expect((await named({})).name).toBe('none');
    await vault.call('clients.revoke', { name: 'app' });
    expect((await named({})).name).toBe('UnrecognizedClientException');
  });

  it('asks the policy of each client, with its address and what it says it is', async () => {
    const Condition = {
      StringLike: { 'aws:UserAgent': 'aws-sdk-js/*' },
      StringEquals: { 'aws:SourceIp': '127.0.0.1' },
    };
    const statement = { Effect: 'Allow', Action: 'kms:Encrypt', Resource: '*', Condition };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: statement });
    const [narrow, other] = await Promise.all([
      vault.call('clients.create', { name: 'narrow', policy }),
      vault.call('clients.create', { name: 'other', policy: policy.replace('aws-sdk-js', 'curl') }),
    ]);
    const encrypt = new EncryptCommand({ KeyId: 'alias/my-files', Plaintext: Buffer.from('x') });
    const { CiphertextBlob } = await clientOf(serving.facts, narrow).send(encrypt);
    const decrypt = clientOf(serving.facts, narrow).send(new DecryptCommand({ CiphertextBlob }));
    expect(await refusal(decrypt)).toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /^User: arn:aws:iam::000000000000:user\/narrow is not authorized to perform: kms:Decrypt/,
      ),
      status: 400,
    });
    expect((await refusal(clientOf(serving.facts, other).send(encrypt))).name).toBe('AccessDeniedException');
    expect(await refusal(clientOf(serving.facts, key).send(encrypt))).toMatchObject({ name: 'none' });
  });

  it('logs whom it did not let in, however often, in few entries', async () => {
    const wrong = clientOf(serving.facts, { ...key, secretAccessKey: 'x'.repeat(40) });
    const ask = () => refusal(wrong.send(new ListKeysCommand({})));
    const before = (await vault.call('audit.list', { limit: 1 })).entries[0]?.seq ?? 0;
    expect((await ask()).name).toBe('InvalidSignatureException');
    const entry = (count: number) => ({
      ...{ principal: 'arn:aws:iam::000000000000:root', errorCode: 'InvalidSignatureException' },
      requestParameters: {
        refused: [
          {
            errorCode: 'InvalidSignatureException',
            accessKeyOf: 'arn:aws:iam::000000000000:user/app',
            count,
          },
        ],
      },
    });
    const listed = () => vault.call('audit.list', { limit: 10, event: 'UseEndpoint' });
    expect((await listed()).entries).toMatchObject([entry(1)]);
    await Promise.all(Array.from({ length: 100 }, ask));
    expect((await listed()).entries.length).toBe(1);
    await serving.stop();
    const { entries } = await listed();
    expect(entries).toMatchObject([entry(100), entry(1)]);
    expect(entries.map(({ errorMessage }) => errorMessage)).toEqual([
      'The endpoint did not let in 100 requests.',
      'The endpoint did not let in a request.',
    ]);
    const [last] = (await vault.call('audit.list', { limit: 1 })).entries;
    expect([last?.eventName, (last?.seq ?? 0) - before]).toEqual(['StopEndpoint', 3]);
    expect(await vault.call('audit.verify', {})).toMatchObject({ ok: true });
  });

  it('corrects a client’s clock by its answers, as AWS does', async () => {
    const kms = clientOf(serving.facts, key, { systemClockOffset: -3_600_000, maxAttempts: 3 });
    expect((await kms.send(new ListKeysCommand({}))).Keys?.length).toBe(1);
  });

  it('answers many at once, each of them its own', async () => {
    const kms = clientOf(serving.facts, key);
    const texts = Array.from({ length: 64 }, (_, n) => `text ${n}`);
    const opened = await Promise.all(
      texts.map(async (text) => {
        const { CiphertextBlob } = await kms.send(
          new EncryptCommand({ KeyId: 'alias/my-files', Plaintext: Buffer.from(text) }),
        );
        const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }));
        return Buffer.from(Plaintext ?? []).toString();
      }),
    );
    expect(opened).toEqual(texts);
  });

  it('ends with the lock: calls in flight are finished or refused, and none hangs', async () => {
    const kms = clientOf(serving.facts, key);
    const encrypt = () =>
      kms.send(new EncryptCommand({ KeyId: 'alias/my-files', Plaintext: Buffer.from('x') })).then(
        () => 'none',
        (error: Error & { code?: string }) => error.code ?? error.name,
      );
    let [locked, done] = [false, 0];
    const names = Array.from({ length: 16 }, async () => {
      const seen: string[] = [];
      while (!locked) {
        seen.push(await encrypt());
        done += 1;
      }
      return seen;
    });
    await expect.poll(() => done, { timeout: 10_000 }).toBeGreaterThan(32);
    const began = performance.now();
    await vault.call('vault.lock', {});
    expect(performance.now() - began).toBeLessThan(3_000);
    locked = true;
    const all = (await Promise.all(names)).flat();
    expect(all.filter((name) => name === 'none').length).toBeGreaterThan(16);
    // Nobody is reset: a connection that is made when nothing listens any more is refused.
    const expected = ['none', 'KeyUnavailableException', 'ECONNREFUSED'];
    expect(all.filter((name) => !expected.includes(name))).toEqual([]);
    expect(await serving.over).toBe('Cancelled');
    expect((await refusal(kms.send(new ListKeysCommand({})))).message).toContain('ECONNREFUSED');
    await vault.reopen();
    const { entries } = await vault.call('audit.list', { limit: 20, event: 'StopEndpoint' });
    expect(entries.length).toBe(1);
    expect(await vault.call('audit.verify', {})).toMatchObject({ ok: true });
  });

  it('is one at a time, in the status while it listens, and may be started again', async () => {
    const { endpoint } = serving.facts;
    expect((await vault.call('vault.status', {})).endpoint).toMatchObject({ url: endpoint });
    await expect(serveLive(vault)).rejects.toMatchObject({ code: 'AlreadyExistsException' });
    await serving.stop();
    expect(await serving.over).toBe('stopped');
    expect((await vault.call('vault.status', {})).endpoint).toBeUndefined();
    serving = await serveLive(vault, true);
    const anybody = clientOf(serving.facts, { accessKeyId: 'any', secretAccessKey: 'thing' });
    await anybody.send(new ListKeysCommand({}));
    const { entries } = await vault.call('audit.list', { limit: 10 });
    expect(entries[0]?.principal).toBe('arn:aws:iam::000000000000:user/unsigned-test');
    expect(entries.find(({ eventName }) => eventName === 'StartEndpoint')?.requestParameters).toEqual({
      endpoint: serving.facts.endpoint,
      unsigned: true,
    });
  });
});
