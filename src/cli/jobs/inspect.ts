import { ownerAddress } from '../../main/home/owner-record.ts';
import { resolveHome } from '../../main/home/paths.ts';
import { OwnerClient } from '../../main/owner/client.ts';
import type { Inspection } from '../../shared/contract.ts';
import { fromErrorBody } from '../../shared/errors.ts';
import { countText, sizeText } from '../../shared/measures.ts';
import { escapeText } from '../../shared/safe-text.ts';
import type { Console } from '../console.ts';
import { shortVersion } from '../key-names.ts';
import { columns } from '../text/columns.ts';

const SLOT_WORDS: { readonly [K in Inspection['slots'][number]['kind']]: string } = {
  local: 'key',
  'aws-kms': 'AWS key',
  'raw-key': 'key',
  recipient: 'recipient',
  unknown: 'unknown slot',
};

/** `inspect PATH`: what the header says, without any key; where the vault is open, it is asked for newer versions. */
export async function inspect(console: Console, path: string): Promise<void> {
  const facts = await factsOf(console, console.absolute(path));
  console.document(facts);
  if (console.json) return;
  console.say(console.style.bold(console.path(facts.source)));
  const rows = [
    ['Format', `${facts.format}, ${facts.suite ?? (facts.content === 'file' ? 'one file' : 'a folder')}`],
    [
      'Content',
      `${sizeText(facts.plaintextBytes)} in ${countText(facts.frames, 'frame')} of ${sizeText(facts.frameLength)}`,
    ],
    ['File', sizeText(facts.fileBytes)],
    ['Message id', facts.messageId],
    ['Name, times', facts.hasMetadata ? 'sealed inside' : 'not kept'],
    ['Header', facts.generation === 1 ? 'as first written' : `generation ${facts.generation}`],
    ...facts.slots.map(({ kind, key, version }) => [
      'Opens with',
      `${SLOT_WORDS[kind]} ${escapeText(key ?? '')}${version === null ? '' : `, version ${shortVersion(escapeText(version))}`}`,
    ]),
    ...(facts.slots.some(({ newerVersion }) => newerVersion === true)
      ? [['', `the key has a newer version; to move the file to it: keyward ${moveWord(facts)}`]]
      : []),
    ...Object.entries(facts.context).map(([name, value]) => [
      'Context',
      `${escapeText(name)} = ${escapeText(value)}`,
    ]),
  ];
  for (const line of columns(rows, 200)) console.say(`  ${line}`);
  for (const note of facts.notes) console.say(`  ${console.style.bad(escapeText(note))}`);
  console.say(console.style.dim('  Nothing of this is proven until the file is opened with its key.'));
}

function moveWord({ format }: Inspection): string {
  return format === 'keyward/1' ? 'rewrap' : 'reencrypt';
}

async function factsOf(console: Console, source: string): Promise<Inspection> {
  const client = await OwnerClient.connect(
    ownerAddress(resolveHome(console.around.env)),
    console.signal,
  ).catch(() => undefined);
  if (client !== undefined) {
    try {
      const answer = await client.call('files.inspect', { source }, { signal: console.signal });
      if (answer.ok) return answer.value;
      // Whoever held the vault ended meanwhile: the header says the same without it.
      if (answer.error.code !== 'OwnerBusy') throw fromErrorBody(answer.error);
    } finally {
      client.close();
    }
  }
  const { inspectFile } = await import('../../main/api/without-session.ts');
  return inspectFile(source);
}
