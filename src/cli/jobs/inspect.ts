import type { Inspection } from '../../shared/contract.ts';
import type { Face } from '../face.ts';
import { shortVersion } from '../names.ts';
import { inert } from '../text/inert.ts';
import { columns, countText, sizeText } from '../text/measures.ts';

const SLOT_WORDS: { readonly [K in Inspection['slots'][number]['kind']]: string } = {
  local: 'key',
  'aws-kms': 'AWS key',
  'raw-key': 'key',
  recipient: 'recipient',
  unknown: 'unknown slot',
};

/** `inspect PATH`: what the header says, without any key. */
export async function inspect(face: Face, path: string): Promise<void> {
  const { inspectFile } = await import('../../main/api/index.ts');
  const facts = await inspectFile(face.absolute(path));
  face.document(facts);
  if (face.json) return;
  face.say(face.style.bold(face.path(facts.source)));
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
      `${SLOT_WORDS[kind]} ${inert(key ?? '')}${version === null ? '' : `, version ${shortVersion(inert(version))}`}`,
    ]),
    ...Object.entries(facts.context).map(([name, value]) => ['Context', `${inert(name)} = ${inert(value)}`]),
  ];
  for (const line of columns(rows, 200)) face.say(`  ${line}`);
  for (const note of facts.notes) face.say(`  ${face.style.bad(inert(note))}`);
  face.say(face.style.dim('  Nothing of this is proven until the file is opened with its key.'));
}
