import { spawnSync } from 'node:child_process';
import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documents } from '../../src/cli/json-documents.ts';
import type { Json } from '../../src/shared/errors.ts';
import { CommandHome } from '../support/command.ts';
import { type AccessKey, type ServeCommand, serveCommand } from '../support/endpoint.ts';

/*
 * Debian's own AWS CLI and boto3, as they stand in its archive, against a vault that `keyward serve` serves.
 */

const AWS = '/usr/bin/aws';
const PYTHON = '/usr/bin/python3';
const noBoto = !existsSync(PYTHON) || spawnSync(PYTHON, ['-c', 'import boto3, cryptography']).status !== 0;

let home: CommandHome;
let served: ServeCommand;
let app: AccessKey;

beforeAll(async () => {
  home = await CommandHome.make();
  served = await serveCommand(home);
  app = await client('app', '--full-access');
});

afterAll(async () => {
  served.child.kill('SIGTERM');
  await served.ended;
  home.end();
});

async function client(name: string, ...words: string[]): Promise<AccessKey> {
  const { out } = await home.run(['clients', 'create', name, ...words]);
  return documents['clients create'].parse(JSON.parse(out));
}

/** What a program of AWS's needs, and nothing of whoever runs the tests. */
function environment(key: AccessKey): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home.folder,
    AWS_DEFAULT_REGION: served.facts.region,
    AWS_REGION: served.facts.region,
    AWS_ACCESS_KEY_ID: key.accessKeyId,
    AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
    AWS_ENDPOINT_URL_KMS: served.facts.endpoint,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

type Fields = { readonly [name: string]: Json };

/** Runs `aws kms …`; gives its answer, or the line in which it names an error. */
function aws(words: readonly string[], key = app): { fields: Fields; error: string } {
  const args = ['kms', ...words, '--output', 'json', '--endpoint-url', served.facts.endpoint];
  const ended = spawnSync(AWS, args, { env: environment(key), cwd: home.files, encoding: 'utf8' });
  const fields = ended.stdout.trim() === '' ? {} : (JSON.parse(ended.stdout) as Fields);
  return { fields, error: ended.stderr.trim() };
}

/** A field of a field, as text. */
function text(fields: Fields, ...names: readonly string[]): string {
  const found = names.reduce<Json>((value, name) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    return (value as Fields)[name] ?? null;
  }, fields);
  return String(found);
}

function file(name: string, base64: string): string {
  writeFileSync(join(home.files, name), Buffer.from(base64, 'base64'));
  return `fileb://${name}`;
}

describe("Debian's AWS CLI", { timeout: 300_000 }, () => {
  it('makes, uses, rotates, shares, imports and deletes keys', ({ skip }) => {
    skip(!existsSync(AWS), `the KMS endpoint with Debian's AWS CLI: not installed: ${AWS}`);
    const made = aws(['create-key', '--description', 'cli', '--tags', 'TagKey=from,TagValue=cli']);
    expect(made.error).toBe('');
    const id = text(made.fields, 'KeyMetadata', 'KeyId');
    const arn = `arn:aws:kms:local:000000000000:key/${id}`;
    expect(text(made.fields, 'KeyMetadata', 'Arn')).toBe(arn);
    expect(aws(['create-alias', '--alias-name', 'alias/cli', '--target-key-id', id])).toEqual({
      fields: {},
      error: '',
    });
    expect(aws(['list-aliases', '--key-id', id]).fields).toMatchObject({
      Aliases: [{ AliasName: 'alias/cli' }],
    });

    const context = ['--encryption-context', 'customer=4711'];
    const plaintext = ['--plaintext', file('plain', Buffer.from('hello').toString('base64'))];
    const encrypted = aws(['encrypt', '--key-id', 'alias/cli', ...plaintext, ...context]);
    expect(encrypted.error).toBe('');
    const blob = ['--ciphertext-blob', file('blob', text(encrypted.fields, 'CiphertextBlob'))];
    const opened = aws(['decrypt', ...blob, ...context]).fields;
    expect(Buffer.from(text(opened, 'Plaintext'), 'base64').toString()).toBe('hello');
    expect(aws(['decrypt', ...blob]).error).toContain('(InvalidCiphertextException)');
    const data = aws(['generate-data-key', '--key-id', arn, '--key-spec', 'AES_256']).fields;
    const dataBlob = file('data', text(data, 'CiphertextBlob'));
    expect(text(aws(['decrypt', '--ciphertext-blob', dataBlob]).fields, 'Plaintext')).toBe(
      text(data, 'Plaintext'),
    );

    expect(aws(['enable-key-rotation', '--key-id', id]).error).toBe('');
    expect(aws(['get-key-rotation-status', '--key-id', id]).fields['KeyRotationEnabled']).toBe(true);

    const { fields: got } = aws(['get-key-policy', '--key-id', id, '--policy-name', 'default']);
    const policy = JSON.parse(text(got, 'Policy')) as { Statement: Json[] };
    const [Effect, Action, Resource] = ['Deny', 'kms:UntagResource', '*'];
    policy.Statement.push({ Sid: 'Deny', Effect, Principal: { AWS: '*' }, Action, Resource });
    writeFileSync(join(home.files, 'policy.json'), JSON.stringify(policy));
    const put = [
      'put-key-policy',
      '--key-id',
      id,
      '--policy-name',
      'default',
      '--policy',
      'file://policy.json',
    ];
    expect(aws(put).error).toBe('');
    expect(aws(['untag-resource', '--key-id', id, '--tag-keys', 'from']).error).toContain(
      '(AccessDeniedException)',
    );

    const grantee = ['--grantee-principal', 'arn:aws:iam::000000000000:user/cli'];
    const grant = aws(['create-grant', '--key-id', id, ...grantee, '--operations', 'Decrypt', 'Encrypt']);
    const { fields: granted } = grant;
    expect(aws(['list-grants', '--key-id', id]).fields).toMatchObject({
      Grants: [{ GrantId: granted['GrantId'] }],
    });
    expect(aws(['revoke-grant', '--key-id', id, '--grant-id', text(granted, 'GrantId')]).error).toBe('');

    const signer = aws(['create-key', '--key-spec', 'ECC_NIST_P256', '--key-usage', 'SIGN_VERIFY']).fields;
    const message = ['--message', 'fileb://plain', '--signing-algorithm', 'ECDSA_SHA_256'];
    const signing = ['--key-id', text(signer, 'KeyMetadata', 'KeyId'), ...message];
    const signature = file('signature', text(aws(['sign', ...signing]).fields, 'Signature'));
    expect(aws(['verify', ...signing, '--signature', signature]).fields['SignatureValid']).toBe(true);
    const hmac = aws(['create-key', '--key-spec', 'HMAC_256', '--key-usage', 'GENERATE_VERIFY_MAC']).fields;
    const maccing = ['--key-id', text(hmac, 'KeyMetadata', 'KeyId'), '--message', 'fileb://plain'];
    const algorithm = ['--mac-algorithm', 'HMAC_SHA_256'];
    const mac = file('mac', text(aws(['generate-mac', ...maccing, ...algorithm]).fields, 'Mac'));
    expect(aws(['verify-mac', ...maccing, ...algorithm, '--mac', mac]).fields['MacValid']).toBe(true);

    const external = text(aws(['create-key', '--origin', 'EXTERNAL']).fields, 'KeyMetadata', 'KeyId');
    const wanted = ['--wrapping-algorithm', 'RSAES_OAEP_SHA_256', '--wrapping-key-spec', 'RSA_2048'];
    const parameters = aws(['get-parameters-for-import', '--key-id', external, ...wanted]).fields;
    const wrapping = {
      key: Buffer.from(text(parameters, 'PublicKey'), 'base64'),
      format: 'der',
      type: 'spki',
    } as const;
    const { RSA_PKCS1_OAEP_PADDING: padding } = constants;
    const wrapped = publicEncrypt(
      { key: createPublicKey(wrapping), oaepHash: 'sha256', padding },
      randomBytes(32),
    );
    const material = ['--encrypted-key-material', file('material', wrapped.toString('base64'))];
    const token = ['--import-token', file('token', text(parameters, 'ImportToken'))];
    const forever = ['--expiration-model', 'KEY_MATERIAL_DOES_NOT_EXPIRE'];
    const importing = aws(['import-key-material', '--key-id', external, ...material, ...token, ...forever]);
    expect(importing.error).toBe('');
    expect(aws(['encrypt', '--key-id', external, ...plaintext]).error).toBe('');

    const scheduled = aws(['schedule-key-deletion', '--key-id', id, '--pending-window-in-days', '7']).fields;
    expect(scheduled['KeyState']).toBe('PendingDeletion');
    expect(aws(['encrypt', '--key-id', id, ...plaintext]).error).toContain('(KMSInvalidStateException)');
    expect(aws(['cancel-key-deletion', '--key-id', id]).error).toBe('');
    expect(aws(['describe-key', '--key-id', id]).fields).toMatchObject({
      KeyMetadata: { KeyState: 'Disabled' },
    });
  });

  it('is refused by name without a right secret', ({ skip }) => {
    skip(!existsSync(AWS), `the KMS endpoint with Debian's AWS CLI: not installed: ${AWS}`);
    const wrong = { ...app, secretAccessKey: 'x'.repeat(40) };
    expect(aws(['list-keys'], wrong).error).toContain('(InvalidSignatureException)');
    const unknown = { ...app, accessKeyId: 'KWIAAAAAAAAAAAAAAAAA' };
    expect(aws(['list-keys'], unknown).error).toContain('(UnrecognizedClientException)');
  });
});

describe("Debian's boto3", { timeout: 120_000 }, () => {
  it('makes, uses, rotates, shares, imports and deletes keys', ({ skip }) => {
    skip(noBoto, "the KMS endpoint with Debian's boto3: not installed: python3-boto3, python3-cryptography");
    const script = join(import.meta.dirname, 'kms_client.py');
    const env = environment(app);
    const ended = spawnSync(PYTHON, [script, served.facts.endpoint], {
      env,
      cwd: home.files,
      encoding: 'utf8',
    });
    expect(ended.stderr).toBe('');
    const steps = [...readFileSync(script, 'utf8').matchAll(/^step\("([^"]+)"/gm)].map(([, word]) => word);
    expect(ended.stdout.trim().split('\n')).toEqual(steps);
    expect(steps.length).toBeGreaterThan(12);
  });
});

describe('the example of docs/kms-endpoint.md', { timeout: 300_000 }, () => {
  it('works as it stands there', ({ skip }) => {
    skip(!existsSync(AWS), `the worked example with Debian's AWS CLI: not installed: ${AWS}`);
    const page = readFileSync(join(import.meta.dirname, '../../docs/kms-endpoint.md'), 'utf8');
    const [, script = ''] = /<!-- example: [^\n]*-->\n```sh\n(.*?)```/s.exec(page) ?? [];
    const path = [join(import.meta.dirname, '../../bin'), '/usr/bin', '/bin'].join(':');
    const env = { ...environment(app), PATH: path, KEYWARD_HOME: home.home };
    const ended = spawnSync('sh', ['-c', script], { env, cwd: home.files, encoding: 'utf8' });
    expect(ended.status, ended.stderr).toBe(0);
    const said = [
      'Invoice 1 for customer 4711',
      ...['another customer', 'no customer', 'no grant'].map((why) => `refused: ${why}`),
    ];
    expect(ended.stdout.trim().split('\n')).toEqual(said);
    expect(ended.stderr.match(/\((\w+)\) when calling the \w+/g)).toEqual([
      '(AccessDeniedException) when calling the GenerateDataKey',
      '(AccessDeniedException) when calling the Decrypt',
      '(AccessDeniedException) when calling the Decrypt',
    ]);
    // What lies on the shelf holds neither the invoice nor a key in clear.
    expect(readFileSync(join(home.files, 'invoice.enc')).includes('Invoice')).toBe(false);
  });
});
