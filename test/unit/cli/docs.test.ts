import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents } from '../../../src/cli/json-documents.ts';
import { leafCommands, renderedParts } from './render-docs.ts';

const page = resolve(import.meta.dirname, '../../../docs/cli.md');

/** The page with its generated parts put in anew. */
function renewed(text: string): string {
  return Object.entries(renderedParts()).reduce((all, [name, part]) => {
    const marked = new RegExp(`(<!-- ${name}: [^\\n]*-->\\n)[^]*?(<!-- end ${name} -->)`);
    expect(all).toMatch(marked);
    return all.replace(marked, (_, begin: string, end: string) => `${begin}\n${part}\n\n${end}`);
  }, text);
}

describe('docs/cli.md', () => {
  it('shows every command, exit code and JSON schema as they are', () => {
    // To write the page anew after a change: KEYWARD_WRITE_DOCS=1 npx vitest run test/unit/cli/docs.test.ts
    const text = readFileSync(page, 'utf8');
    const now = renewed(text);
    if (process.env['KEYWARD_WRITE_DOCS'] === '1') writeFileSync(page, now);
    else expect(text).toBe(now);
  });

  it('has examples below the help of every command, all of them of that command', () => {
    for (const { name, command } of leafCommands()) {
      const help = renderedParts()['commands']?.split(`### keyward ${name}\n`)[1]?.split('\n###')[0] ?? '';
      const examples = help.split('Examples:')[1] ?? '';
      expect(examples, name).toContain(`keyward ${name}`);
      expect(command.description(), name).not.toBe('');
    }
  });

  it('knows the document of every command that takes --json', () => {
    const names = leafCommands().filter(({ command }) => command.options.some((o) => o.long === '--json'));
    expect(names.map(({ name }) => name).sort()).toEqual(Object.keys(documents).sort());
  });
});
