import { randomBytes } from '../../../src/main/crypto/bytes.ts';
import { sha256 } from '../../../src/main/crypto/hash.ts';
import type { Binding, SlotProvider } from '../../../src/main/envelope/slot-provider.ts';
import type { Slot } from '../../../src/main/envelope/slots.ts';
import type { SlotKind } from '../../../src/main/vault/slot-kinds.ts';
import { KeywardError } from '../../../src/shared/errors.ts';

/** A code that the format has no kind for. */
const CODE = 900;

/**
 * A kind of slot that the source does not know: the data key hidden by a code word, bound to its file. No protection,
 * only the shape of one. The names of its keys are `word:<word>`; the words in `known` are at hand.
 */
export function codeWordSlots(known: readonly string[]): SlotKind {
  const mask = (word: string, { context }: Binding, version: number) =>
    sha256(Buffer.from(JSON.stringify([word, version, Object.entries(context).sort()])));
  const parse = (slot: Slot) => {
    if (slot.kind !== 'unknown' || slot.code !== CODE) return undefined;
    const [version = 0, length = 0] = slot.body;
    return {
      version,
      word: slot.body.subarray(2, 2 + length).toString(),
      hidden: slot.body.subarray(2 + length),
    };
  };
  const xor = (a: Uint8Array, b: Uint8Array) => Buffer.from(a.map((byte, n) => byte ^ (b[n] ?? 0)));
  const wordOf = (key: string) => (key.startsWith('word:') ? key.slice(5) : undefined);
  const slotOf = (word: string, dataKey: Buffer, binding: Binding): Slot => {
    const hidden = xor(dataKey, mask(word, binding, NEWEST));
    return {
      kind: 'unknown',
      code: CODE,
      body: Buffer.concat([Buffer.of(NEWEST, word.length), Buffer.from(word), hidden]),
    };
  };
  const unwrap = async (slot: Slot, binding: Binding) => {
    const parsed = parse(slot);
    if (parsed === undefined || !known.includes(parsed.word)) return undefined;
    if (parsed.hidden.length !== 32) throw new KeywardError('InvalidCiphertextException', 'Its word is cut.');
    return xor(parsed.hidden, mask(parsed.word, binding, parsed.version));
  };
  const providerOf = (word: string): SlotProvider<Slot> => ({
    unwrap,
    wrap: async (dataKey, binding) => slotOf(word, dataKey, binding),
    async generate(binding) {
      const dataKey = randomBytes(32);
      return { dataKey, slot: slotOf(word, dataKey, binding) };
    },
  });
  return {
    describe(slot) {
      const parsed = parse(slot);
      if (parsed === undefined) return undefined;
      return { kind: 'unknown', key: `word:${parsed.word}`, version: String(parsed.version) };
    },
    keyOf(slot) {
      const word = parse(slot)?.word;
      return word !== undefined && known.includes(word) ? `word:${word}` : undefined;
    },
    opener: () => ({ unwrap }),
    provider(_, key) {
      const word = wordOf(key);
      return word === undefined ? undefined : providerOf(word);
    },
    isCurrent: (slot) => parse(slot)?.version === NEWEST,
    async replace(_, slot, { file, key, verify, seal }) {
      const binding = { name: file.name, context: boundTo(file) };
      const dataKey = await unwrap(slot, binding);
      if (dataKey === undefined || !verify(dataKey))
        throw new KeywardError('WrongKey', 'The word does not fit.');
      const next = slotOf(wordOf(key ?? '') ?? parse(slot)?.word ?? '', dataKey, binding);
      return { result: seal(dataKey, next), slot: next };
    },
  };
}

/** What `Binding.context` is for a file. */
function boundTo({ context, messageId }: { context: Binding['context']; messageId: Buffer }) {
  return { ...context, 'keyward:message-id': messageId.toString('hex') };
}

const NEWEST = 2;
