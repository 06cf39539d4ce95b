import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Console } from '../../../src/cli/console.ts';
import { noteText } from '../../../src/cli/text/error-text.ts';
import { ERROR_TEXTS } from '../../../src/messages/en/errors/index.ts';
import { NOTE_TEXTS } from '../../../src/messages/en/notes.ts';
import { findingStep } from '../../../src/messages/finding-steps.ts';
import { chooseLanguage } from '../../../src/messages/format.ts';
import { errorText as windowText } from '../../../src/renderer/text/errors.ts';
import {
  ERROR_CODES,
  type ErrorDetails,
  exitCodeOf,
  KeywardError,
  kindsOf,
  type NoteReason,
  type Reason,
} from '../../../src/shared/errors.ts';
import { findingKind } from '../../../src/shared/findings.ts';
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

function paramsOf(reason: string): ErrorDetails {
  const kinds = Object.entries(kindsOf(reason) ?? {});
  return Object.fromEntries(kinds.map(([name, kind]) => [name, sample(kind)])) as ErrorDetails;
}

function errorOf(reason: Reason): KeywardError {
  return new KeywardError('Internal', 'UNTOLD', {}, undefined, { reason, params: paramsOf(reason) });
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

  it.each(Object.keys(NOTE_TEXTS) as NoteReason[])('%s is told in words of the catalog alone', (reason) => {
    const note = { reason, params: paramsOf(reason), message: 'UNTOLD' };
    expect(noteText(note)).not.toMatch(/[a-z]/i);
    expect(windowText(note)).not.toMatch(/[a-z]/i);
  });

  it.each(findingKind.options)('what to do about %s is of the catalog', (kind) => {
    expect(findingStep(kind)).not.toMatch(/[a-z]/i);
  });
});
