import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Console } from '../../../src/cli/console.ts';
import { ERROR_TEXTS } from '../../../src/messages/en/errors/index.ts';
import { chooseLanguage } from '../../../src/messages/format.ts';
import { errorText as windowText } from '../../../src/renderer/text/errors.ts';
import { ERROR_CODES, exitCodeOf, KeywardError, kindsOf, type Reason } from '../../../src/shared/errors.ts';
import type { ParamKind } from '../../../src/shared/reasons/reason-table.ts';

beforeEach(() => chooseLanguage(['en-XA']));
afterEach(() => chooseLanguage(['en']));

/** Values without a letter, so that each letter that is shown is of a sentence. */
function sample(kind: ParamKind): unknown {
  if (typeof kind === 'object') return kind[0];
  if (kind.startsWith('number')) return 3;
  if (kind === 'texts') return ['1', '2'];
  if (kind === 'error') return { code: 'WrongKey', reason: 'vault-locked', params: {}, message: 'UNTOLD' };
  return '4';
}

function errorOf(reason: Reason): KeywardError {
  const params = Object.fromEntries(
    Object.entries(kindsOf(reason) ?? {}).map(([name, kind]) => [name, sample(kind)]),
  );
  return new KeywardError('Internal', 'UNTOLD', {}, undefined, { reason, params: params as never });
}

function told(error: KeywardError): string {
  const stream = () => new PassThrough() as unknown as NodeJS.WriteStream;
  const [stdout, stderr] = [stream(), stream()];
  const stdin = new PassThrough() as unknown as NodeJS.ReadStream;
  const console = new Console({ env: { NO_COLOR: '1' }, cwd: '/', stdin, stdout, stderr });
  console.fail(error);
  return String(stderr.read());
}

describe('in the pseudo-locale', () => {
  it.each(Object.keys(ERROR_TEXTS) as Reason[])('%s is shown in words of the catalog alone', (reason) => {
    const error = errorOf(reason);
    expect(told(error).replace(/^keyward: /, '')).not.toMatch(/[a-z]/i);
    expect(windowText(error.toBody())).not.toMatch(/[a-z]/i);
  });

  it.each(ERROR_CODES.filter((code) => exitCodeOf(code) !== undefined && code !== 'Usage'))(
    'the next step after %s, and what is said where AWS says nothing, are of the catalog',
    (code) => {
      const lines = told(new KeywardError(code, ''))
        .replace(/^keyward: /, '')
        .replaceAll(code, '');
      expect(lines).not.toMatch(/[a-z]/i);
    },
  );
});
