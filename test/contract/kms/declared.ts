import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const folder = resolve(import.meta.dirname, '../../../node_modules/@aws-sdk/client-kms/dist-types');

/** The errors that AWS's own client declares for an operation: the `@throws` of its command. */
export function declaredErrors(operation: string): string[] {
  const text = readFileSync(resolve(folder, `commands/${operation}Command.d.ts`), 'utf8');
  return [...text.matchAll(/@throws \{@link (\w+)\}/g)]
    .map(([, name = '']) => name)
    .filter((name) => name !== 'KMSServiceException');
}

/** The fields of an operation's input in AWS's own client. */
export function declaredFields(operation: string): string[] {
  const text = readFileSync(resolve(folder, 'models/models_0.d.ts'), 'utf8');
  const start = text.indexOf(`export interface ${operation}Request {`);
  if (start < 0) throw new Error(`AWS's client has no input of ${operation}`);
  const body = text.slice(start, text.indexOf('\n}', start));
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name = '']) => name);
}
