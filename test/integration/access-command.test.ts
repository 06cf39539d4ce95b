import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documents } from '../../src/cli/json-documents.ts';
import { CommandHome } from '../support/command.ts';

let home: CommandHome;
beforeAll(async () => {
  home = await CommandHome.unlocked();
});
afterAll(() => home.lockAndEnd());

async function answer(words: readonly string[]): Promise<{ code: number | null; json: unknown }> {
  const { code, out } = await home.run(words);
  return { code, json: JSON.parse(out) as unknown };
}

describe('keyward keys explain', () => {
  it('answers for a client, with its context and conditions', async () => {
    const policy = join(home.files, 'policy.json');
    writeFileSync(
      policy,
      JSON.stringify({
        Version: '2012-10-17',
        Statement: {
          Effect: 'Allow',
          Action: 'kms:Decrypt',
          Resource: '*',
          Condition: {
            StringEquals: { 'kms:EncryptionContext:customer': 'acme', 'aws:SourceIp': '127.0.0.1' },
          },
        },
      }),
    );
    expect((await home.run(['clients', 'create', 'app', '--policy', policy])).code).toBe(0);
    const ask = async (...words: string[]) => {
      const { code, json } = await answer([
        ...['keys', 'explain', 'my-files', '--principal', 'app', '--action', 'Decrypt'],
        ...words,
      ]);
      expect(code).toBe(0);
      return documents['keys explain'].parse(json);
    };
    expect(await ask('--context', 'customer=acme', '--with', 'aws:SourceIp=127.0.0.1')).toMatchObject({
      allowed: true,
      statement: { policy: 'app', index: 0 },
    });
    expect((await ask('--context', 'customer=acme')).reason).toContain('on aws:SourceIp (127.0.0.1)');
    expect((await home.run(['keys', 'explain', 'my-files', '--principal', 'app'])).code).toBe(2);
  });
});

describe('roles in the command', () => {
  it('hold for one command, or until step-up', async () => {
    const file = join(home.files, 'letter.txt');
    writeFileSync(file, 'Dear reader');
    const refused = await answer(['encrypt', '--as', 'auditor', file]);
    expect(refused).toMatchObject({
      code: 4,
      json: {
        results: [
          {
            error: {
              code: 'AccessDeniedException',
              details: { decision: { allowed: false, by: 'implicit-deny' } },
            },
          },
        ],
      },
    });
    expect((await home.run(['encrypt', '--as', 'operator', file])).code).toBe(0);
    expect((await answer(['step-down', 'operator'])).json).toEqual({
      ok: true,
      role: 'operator',
      logged: true,
    });
    expect((await answer(['status'])).json).toMatchObject({ owner: { role: 'operator' } });
    expect((await home.run(['keys', 'disable', 'my-files'])).code).toBe(4);
    expect((await home.run(['decrypt', '--overwrite', `${file}.keyward`])).code).toBe(0);
    expect((await answer(['step-up', ...home.unlocking])).json).toEqual({ ok: true, role: null });
    expect((await home.run(['keys', 'disable', 'my-files'])).code).toBe(0);
    expect((await home.run(['keys', 'enable', 'my-files'])).code).toBe(0);
    expect((await home.run(['encrypt', '--as', 'root', file])).code).toBe(2);
  });
});
