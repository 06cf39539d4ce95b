/** The pseudo-locale by CLDR's name: English whose letters have accents, with brackets around each message. */
export const PSEUDO_LOCALE = 'en-XA';

const PLAIN = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ACCENTED = [...'åƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýžÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ'];

/** A text, or whatever holds the `value`s of the literal parts of a parsed message, with accents on each letter. */
export function accented<T>(part: T): T;
export function accented(part: unknown): unknown {
  if (typeof part === 'string')
    return part.replace(/[a-z]/gi, (letter) => ACCENTED[PLAIN.indexOf(letter)] ?? letter);
  if (Array.isArray(part)) return part.map((each: unknown) => accented(each));
  if (typeof part !== 'object' || part === null) return part;
  const isLiteral = 'type' in part && part.type === 0;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]: [string, unknown]) => {
      if (isLiteral) return [name, name === 'value' ? accented(value) : value];
      return [name, typeof value === 'object' ? accented(value) : value];
    }),
  );
}
