import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { endpointEnvironment } from '../../../src/shared/endpoint-environment.ts';

/** What a shell with `env` exports after these lines. */
function pasted(env: { readonly [name: string]: string }): Map<string, string> {
  const lines = endpointEnvironment({ endpoint: 'http://127.0.0.1:43121', region: 'local' });
  const script = `set -eu\n${lines.join('\n')}\nenv`;
  const { stdout, stderr } = spawnSync('/bin/sh', ['-c', script], { env, encoding: 'utf8' });
  expect(stderr).toBe('');
  return new Map(
    stdout.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.replace(/.*?=/, '')]),
  );
}

describe('what is pasted for AWS tools', () => {
  it('leads to the endpoint, and past sessions and profiles', ({ skip }) => {
    skip(process.platform === 'win32', 'lines for a POSIX shell: there is none here');
    const env = pasted({ PATH: '/usr/bin:/bin', AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 'token' });
    expect(env.get('AWS_ENDPOINT_URL_KMS')).toBe('http://127.0.0.1:43121');
    expect([env.get('AWS_REGION'), env.get('AWS_DEFAULT_REGION')]).toEqual(['local', 'local']);
    expect([env.has('AWS_PROFILE'), env.has('AWS_SESSION_TOKEN')]).toEqual([false, false]);
  });

  it('leads past a proxy, which would read what is to be encrypted, and leaves other exceptions', ({
    skip,
  }) => {
    skip(process.platform === 'win32', 'lines for a POSIX shell: there is none here');
    const exceptions = (env: { readonly [name: string]: string }) => {
      const after = pasted({ PATH: '/usr/bin:/bin', ...env });
      return [after.get('no_proxy'), after.get('NO_PROXY')];
    };
    const same = (text: string) => [text, text];
    expect(exceptions({})).toEqual(same('127.0.0.1,'));
    expect(exceptions({ NO_PROXY: 'example.com' })).toEqual(same('127.0.0.1,example.com'));
    expect(exceptions({ no_proxy: 'example.com' })).toEqual(same('127.0.0.1,example.com'));
    expect(exceptions({ no_proxy: 'a.example', NO_PROXY: 'b.example' })).toEqual(same('127.0.0.1,a.example'));
  });
});
