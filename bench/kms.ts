import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { median, type Row } from './table.ts';

const RATES = ['Encrypt', 'Decrypt', 'GenerateDataKey'];

/** The key service by itself, 64 calls in flight, policies and log on; then what grows with the number of keys. */
export function kmsRows(rounds: number, sizes: readonly number[] = [100, 10_000, 100_000]): Row[] {
  const answers = sizes.map((keys) =>
    Array.from({ length: keys > 50_000 ? 1 : rounds }, () => answered('kms.child.ts', keys, 2)),
  );
  const valuesOf = (name: string) =>
    answers.map((of) => median(of.map((answer) => answer[name] ?? Number.NaN)));
  const counts = sizes.map((keys) => keys.toLocaleString('en')).join(', ');
  const names = Object.keys(answers[0]?.[0] ?? {});
  return names.map((name) => {
    const isRate = RATES.includes(name);
    const values = valuesOf(name)
      .map((value) => value.toLocaleString('en'))
      .join(', ');
    return {
      what: isRate
        ? `${name} a second, with ${counts} keys`
        : `${name.replace(', ms', '')}, with ${counts} keys`,
      value: isRate ? values : `${values} ms`,
      aim: isRate ? 'above 5,000' : 'none',
    };
  });
}

/** The endpoint with 8 connections. */
export function endpointRows(rounds: number): Row[] {
  const answers = Array.from({ length: rounds }, () => answered('endpoint.child.ts', 2));
  return RATES.map((name) => ({
    what: `${name} a second over the endpoint, 8 connections`,
    value: median(answers.map((answer) => answer[name] ?? Number.NaN)).toLocaleString('en'),
    aim: 'above 1,500',
  }));
}

function answered(child: string, ...words: readonly number[]): { readonly [name: string]: number } {
  const { stdout, status } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, child), ...words.map(String)],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${child} ended with ${status}`);
  return JSON.parse(stdout) as { readonly [name: string]: number };
}
