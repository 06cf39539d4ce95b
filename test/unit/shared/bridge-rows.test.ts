import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { bridge, PASSED_ON } from '../../../src/shared/bridge.ts';
import { contract, METHODS, type Method } from '../../../src/shared/contract.ts';
import { offPage } from '../../../src/shared/contract-basics.ts';

type Row = { readonly input: z.ZodType; readonly output: z.ZodType };

/** Names of fields that hold a path or a secret, whatever their schema says of itself. Paths that come back are text. */
const PATHS = /^(path|paths|source|sources|out|output|folder|folders|file|files|home|target|from|to)$/i;
const SECRETS =
  /passphrase|password|phrase|secret|credential|^bytes$|^wrap$|keyring|privateKey|plaintext|material$/i;

/** A client's secret access key is made to be shown, once. */
const SHOWN: readonly Method[] = ['clients.create'];

/** Why a row of the contract is not for the page; none: it may be passed on as it is. */
function refusals(method: string, { input, output }: Row): string[] {
  const found = method === 'kms.call' ? ['any operation by its name'] : [];
  const walk = (node: unknown, where: string): void => {
    if (typeof node !== 'object' || node === null) return;
    const { holds, properties, ...rest } = node as Record<string, unknown>;
    if (typeof holds === 'string') found.push(`${where} holds a ${holds}`);
    for (const [name, schema] of Object.entries((properties ?? {}) as Record<string, unknown>)) {
      const isText = JSON.stringify(schema).includes('"type":"string"');
      if (isText && where.startsWith('input') && PATHS.test(name))
        found.push(`${where}.${name} is named as a path`);
      if (isText && SECRETS.test(name)) found.push(`${where}.${name} is named as a secret`);
      walk(schema, `${where}.${name}`);
    }
    for (const each of Object.values(rest)) walk(each, where);
  };
  for (const [where, schema] of [
    ['input', input],
    ['output', output],
  ] as const) {
    if (where === 'output' && SHOWN.some((shown) => shown === method)) continue;
    walk(z.toJSONSchema(schema, { metadata: offPage, unrepresentable: 'any', io: where }), where);
  }
  return found;
}

describe('rows of the contract that the page calls as they are', () => {
  it.each(PASSED_ON)('%s takes no path, and takes and gives no secret as text', (method) => {
    expect(refusals(method, contract[method])).toEqual([]);
  });

  it('are refused with a path, a secret as text, or any operation by its name', () => {
    const off = METHODS.filter((method) => refusals(method, contract[method]).length > 0);
    expect(off).toEqual(
      expect.arrayContaining([
        ...['kms.call', 'files.encrypt', 'files.decrypt', 'files.inspect', 'files.exportDataKey'],
        ...['audit.list', 'keys.exportMaterial', 'vault.stepUp', 'protectors.newPhrase', 'protectors.set'],
        ...['backup.create', 'backup.addFolder'],
      ]),
    );
    const text = (name: string) => ({ input: z.strictObject({ [name]: z.string() }), output: z.object({}) });
    expect(refusals('new', text('passphrase'))).toHaveLength(1);
    expect(refusals('new', text('folder'))).toHaveLength(1);
    expect(refusals('new', { input: z.object({}), output: text('phrase').input })).toHaveLength(1);
    expect(refusals('new', text('name'))).toEqual([]);
  });

  it('stand on the bridge with the contract’s own schemas, beside the bridge’s own', () => {
    for (const method of PASSED_ON) {
      expect(bridge[method].input).toBe(contract[method].input);
      expect(bridge[method].output).toBe(contract[method].output);
    }
    const own = Object.entries(bridge).filter(([name]) => !PASSED_ON.some((method) => method === name));
    const rows: readonly unknown[] = Object.values(contract);
    expect(own.filter(([, row]) => rows.includes(row))).toEqual([]);
  });
});

describe('what a method needs', () => {
  it('is said in its row: an action of Keyward’s, what it calls, or nothing', () => {
    for (const method of METHODS) expect(contract[method].needs).toMatch(/^(asks|open|keyward:[A-Z]\w+)$/);
    expect(METHODS.filter((method) => contract[method].needs === 'open')).toEqual([
      ...['vault.status', 'vault.lock', 'files.inspect', 'vault.stepDown', 'vault.stepUp'],
      ...['protectors.list', 'protectors.newPhrase'],
    ]);
  });
});
