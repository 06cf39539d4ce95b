import { IntlMessageFormat } from 'intl-messageformat';
import { accented, PSEUDO_LOCALE } from './pseudo.ts';

/** What a message is made with: text and numbers as they are, lists as a list of the language. */
export type Values = { readonly [name: string]: string | number | readonly string[] | undefined };

type Message = Pick<IntlMessageFormat, 'format'>;

const LANGUAGE = 'en';

let isPseudo = false;
let known = new Map<string, Message>();

/**
 * Chooses the language that people read, the first of `wanted` (BCP 47 or POSIX) that there is: English, or the pseudo-locale
 * `en-XA`, in which a test sees what is not in the catalog.
 */
export function chooseLanguage(wanted: readonly string[]): void {
  const tag = (wanted[0] ?? '').replace(/\..*$/, '').replace('_', '-');
  isPseudo = tag === PSEUDO_LOCALE;
  known = new Map();
}

/** An ICU message with its values put in, in the language chosen. Plurals, numbers and dates are those of the language. */
export function format(message: string, values: Values = {}): string {
  if (!/[{}]/.test(message)) return isPseudo ? `⟦${accented(message)}⟧` : message;
  let parsed = known.get(message);
  if (parsed === undefined) {
    parsed = parse(message);
    known.set(message, parsed);
  }
  const plain = Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, typeof value === 'object' ? listed(value) : value]),
  );
  const text = String(parsed.format(plain));
  return isPseudo ? `⟦${text}⟧` : text;
}

/** Some texts as a list: "a, b, c". */
function listed(texts: readonly string[]): string {
  return new Intl.ListFormat(LANGUAGE, { type: 'unit', style: 'short' }).format(texts);
}

function parse(message: string): Message {
  const parsed = new IntlMessageFormat(message, LANGUAGE, undefined, { ignoreTag: true });
  if (!isPseudo) return parsed;
  return new IntlMessageFormat(accented(parsed.getAst()), LANGUAGE);
}
