import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documents } from '../../src/cli/json-documents.ts';
import { CommandHome } from '../support/command.ts';
import { type AccessKey, type ServeCommand, serveCommand } from '../support/endpoint.ts';

/*
 * Ansible's own module amazon.aws.kms_key, as it stands in Debian's archive, against a vault that `keyward serve`
 * serves: everything that a playbook asks for is there, a second run changes nothing, and it can be changed and ended.
 */

const ANSIBLE = '/usr/bin/ansible-playbook';
const MODULE = '/usr/lib/python3/dist-packages/ansible_collections/amazon/aws/plugins/modules/kms_key.py';
const PYTHON = '/usr/bin/python3';
const isThere =
  existsSync(ANSIBLE) && existsSync(MODULE) && spawnSync(PYTHON, ['-c', 'import boto3']).status === 0;
const reason = 'ansible with its collection amazon.aws, or boto3, is not installed';

const ACCOUNT = 'arn:aws:iam::000000000000';
let home: CommandHome;
let served: ServeCommand;
let app: AccessKey;

beforeAll(async () => {
  if (!isThere) return;
  home = await CommandHome.make();
  served = await serveCommand(home);
  const { out } = await home.run(['clients', 'create', 'app', '--full-access']);
  app = documents['clients create'].parse(JSON.parse(out));
});

afterAll(async () => {
  if (!isThere) return;
  served.child.kill('SIGTERM');
  await served.ended;
  home.end();
});

type Result = { readonly changed: boolean; readonly failed?: boolean; readonly msg?: string } & {
  readonly [field: string]: unknown;
};

/** Runs a playbook with the module's arguments, once for each, and gives what it answered. */
function play(...tasks: readonly object[]): Result[] {
  const { endpoint, region } = served.facts;
  const reached = {
    ...{ endpoint_url: endpoint, region },
    ...{ access_key: app.accessKeyId, secret_key: app.secretAccessKey },
  };
  const playbook = [
    {
      ...{ hosts: 'localhost', connection: 'local', gather_facts: false },
      vars: { ansible_python_interpreter: PYTHON },
      tasks: tasks.map((task) => ({ 'amazon.aws.kms_key': { ...reached, ...task } })),
    },
  ];
  const file = join(home.files, 'play.json');
  writeFileSync(file, JSON.stringify(playbook));
  const { stdout, stderr } = spawnSync(ANSIBLE, ['-i', 'localhost,', file], {
    cwd: home.files,
    encoding: 'utf8',
    env: {
      ...{ PATH: process.env['PATH'], HOME: home.folder, LC_ALL: 'C.UTF-8' },
      ...{ ANSIBLE_STDOUT_CALLBACK: 'json', ANSIBLE_HOME: join(home.folder, 'ansible') },
      ...{ ANSIBLE_LOCAL_TEMP: join(home.folder, 'ansible-tmp'), AWS_EC2_METADATA_DISABLED: 'true' },
    },
  });
  const from = stdout.indexOf('{');
  if (from < 0) throw new Error(`ansible said nothing: ${stdout}${stderr}`);
  const { plays } = JSON.parse(stdout.slice(from)) as {
    plays: { tasks: { hosts: { localhost: Result } }[] }[];
  };
  return plays.flatMap((one) => one.tasks.map(({ hosts }) => hosts.localhost));
}

describe.skipIf(!isThere)(`amazon.aws.kms_key${isThere ? '' : `: ${reason}`}`, () => {
  const root = { Effect: 'Allow', Principal: { AWS: `${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [{ Sid: 'root', ...root }] });
  const key = {
    ...{ alias: 'ansible', description: 'from a playbook', policy, enable_key_rotation: true },
    tags: { Name: 'x', Purpose: 'test' },
    grants: [
      {
        ...{ name: 'one', grantee_principal: `${ACCOUNT}:user/app`, operations: ['Decrypt', 'RetireGrant'] },
        constraints: { encryption_context_equals: { Department: 'it' } },
      },
    ],
  };

  it('makes a key, finds nothing to change, changes it, and ends it', () => {
    const [made, again] = play(key, key);
    expect(made).toMatchObject({ changed: true, enable_key_rotation: true, tags: key.tags });
    expect(made).toMatchObject({
      key_state: 'Enabled',
      aliases: ['ansible'],
      description: 'from a playbook',
    });
    expect(made?.['grants']).toMatchObject([{ name: 'one', grantee_principal: `${ACCOUNT}:user/app` }]);
    expect(again).toMatchObject({ changed: false, key_id: made?.['key_id'] });
    const other = {
      ...{ ...key, description: 'another', tags: { Name: 'y' }, enable_key_rotation: false },
      ...{ grants: [], purge_grants: true },
    };
    const off = { ...other, enabled: false };
    const [changed, disabled, settled] = play(other, off, off);
    expect(changed).toMatchObject({
      ...{ changed: true, description: 'another', tags: { Name: 'y' }, grants: [] },
      ...{ enable_key_rotation: false, key_state: 'Enabled' },
    });
    expect(disabled).toMatchObject({ changed: true, key_state: 'Disabled' });
    expect(settled).toMatchObject({ changed: false });
    const absent = { alias: 'ansible', state: 'absent', pending_window: 7 };
    const [ended, gone, back] = play(absent, absent, other);
    expect(ended).toMatchObject({ changed: true, key_state: 'PendingDeletion' });
    expect(gone).toMatchObject({ changed: false });
    expect(back).toMatchObject({ changed: true, key_state: 'Enabled' });
  });

  it('makes keys that are not symmetric, and finds nothing to change', () => {
    for (const [key_spec, key_usage] of [
      ['RSA_2048', 'SIGN_VERIFY'],
      ['ECC_NIST_P256', 'SIGN_VERIFY'],
    ]) {
      const asked = { alias: `ansible-${key_spec}`, key_spec, key_usage, enable_key_rotation: false };
      const [made, again] = play(asked, asked);
      expect(made, key_spec).toMatchObject({ changed: true, key_spec, enable_key_rotation: false });
      expect(again, key_spec).toMatchObject({ changed: false });
    }
  });
});
