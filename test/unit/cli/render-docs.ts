import type { Command } from 'commander';
import { z } from 'zod';
import { documents, failureDocument } from '../../../src/cli/json-documents.ts';
import { buildProgram } from '../../../src/cli/program.ts';
import { ERROR_CODES, exitCodeOf } from '../../../src/shared/errors.ts';

/** The parts of docs/cli.md that follow from the code, by the name of their marker. */
export function renderedParts(): { readonly [part: string]: string } {
  return { commands: commandsPart(), 'exit-codes': exitCodesPart(), json: jsonPart() };
}

/** Every command that can be run, with its full name, without the program itself. */
export function leafCommands(): { name: string; command: Command }[] {
  return leavesOf(
    buildProgram(async () => undefined, '0'),
    '',
  );
}

function leavesOf(parent: Command, before: string): { name: string; command: Command }[] {
  return parent.commands.flatMap((command) => {
    const name = `${before}${command.name()}`;
    return command.commands.length === 0 ? [{ name, command }] : leavesOf(command, `${name} `);
  });
}

/** The help of a command as a person sees it on 100 columns. */
export function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => 100,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}

function commandsPart(): string {
  return leafCommands()
    .map(({ name, command }) => `### keyward ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``)
    .join('\n\n');
}

const MEANINGS = [
  'done',
  'failed or cancelled',
  'wrong usage',
  "locked, or can't be unlocked",
  'refused by policy or by the state of a key',
  'damaged, or not authentic',
] as const;

function exitCodesPart(): string {
  const rows = MEANINGS.map((meaning, exit) => {
    const codes = ERROR_CODES.filter((code) => exitCodeOf(code) === exit).map((code) => `\`${code}\``);
    return `| ${exit} | ${meaning} | ${codes.join(', ')} |`;
  });
  return ['| exit code | meaning | error codes |', '|---|---|---|', ...rows].join('\n');
}

function jsonPart(): string {
  const groups = new Map<z.ZodType, string[]>();
  for (const [name, schema] of Object.entries(documents)) {
    groups.set(schema, [...(groups.get(schema) ?? []), `keyward ${name}`]);
  }
  groups.set(failureDocument, ['any command that failed as a whole']);
  return [...groups]
    .map(
      ([schema, names]) =>
        `#### ${names.join(', ')}\n\n\`\`\`json\n${compact(jsonSchema(schema), '')}\n\`\`\``,
    )
    .join('\n\n');
}

function jsonSchema(schema: z.ZodType): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'output' });
  return rest;
}

/** JSON with everything on one line that fits there. */
function compact(value: unknown, indent: string): string {
  const line = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || indent.length + line.length <= 110) {
    return line.replaceAll('":', '": ').replaceAll(/,(?=["{[])/g, ', ');
  }
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    return `[\n${value.map((item) => inner + compact(item, inner)).join(',\n')}\n${indent}]`;
  }
  const fields = Object.entries(value).map(([name, item]) => `${inner}"${name}": ${compact(item, inner)}`);
  return `{\n${fields.join(',\n')}\n${indent}}`;
}
