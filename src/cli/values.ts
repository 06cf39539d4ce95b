import { KeywardError } from '../shared/errors.ts';

/*
 * What options and arguments take, read as the words are: a mistake is told by the option's name, before anybody is
 * asked for a passphrase. All of them throw `Usage`.
 */

type Pairs = { readonly [name: string]: string };

/** Reads a whole number from `least` to `most`; `what` names the option. */
export function wholeNumber(what: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} on` : `${least} to ${most}`;
    throw new KeywardError('Usage', `${what} takes a whole number from ${range}, and "${text}" is not that.`);
  };
}

/** Takes any text but an empty one, which is what an unset variable leaves; `what` names the option. */
export function notEmpty(what: string): (text: string) => string {
  return (text) => {
    if (text !== '') return text;
    throw new KeywardError('Usage', `${what} is empty.`);
  };
}

/** The alias, id or ARN of a key. */
export const keyReference = notEmpty('The name of the key');

/** The name of a client, as AWS allows it for users. */
export function clientName(text: string): string {
  if (/^[A-Za-z0-9+=,.@_-]{1,64}$/.test(text)) return text;
  throw new KeywardError(
    'Usage',
    `A client's name is up to 64 letters, digits and +=,.@_-, and "${text}" is not that.`,
  );
}

/** Reads a version's id, or its first digits, `least` at least; `what` names the option. */
export function versionId(what: string, least: 8 | 64): (text: string) => string {
  return (text) => {
    const id = text.toLowerCase();
    if (/^[0-9a-f]{8,64}$/.test(id) && id.length >= least) return id;
    const takes =
      least === 64 ? 'the 64 digits of a version' : "a version's id, or at least its first 8 digits";
    throw new KeywardError(
      'Usage',
      `${what} takes ${takes}, and "${text}" is not that. See them with: keyward keys describe KEY`,
    );
  };
}

/** Adds one `name=value` to those that were given; `option` names the option. */
export function pair(option: string): (text: string, before: Pairs | undefined) => Pairs {
  return (text, before = {}) => {
    const at = text.indexOf('=');
    const name = text.slice(0, at);
    if (at < 1) throw new KeywardError('Usage', `${option} takes name=value, and "${text}" is not that.`);
    // Lost on its way through objects; better refused than dropped.
    if (name === '__proto__')
      throw new KeywardError('Usage', `${option}: the name "__proto__" is not allowed.`);
    if (Object.hasOwn(before, name)) {
      throw new KeywardError('Usage', `${option}: the name "${name}" was given twice.`);
    }
    return { ...before, [name]: text.slice(at + 1) };
  };
}

/** Reads `first-last` or `first-` as places of bytes; `option` names the option. */
export function byteRange(option: string): (text: string) => { first: number; last?: number } {
  return (text) => {
    const [, from, to] = /^(\d{1,16})-(\d{1,16})?$/.exec(text) ?? [];
    const first = Number(from);
    const last = to === undefined ? undefined : Number(to);
    if (
      Number.isSafeInteger(first) &&
      (last === undefined || (last >= first && Number.isSafeInteger(last)))
    ) {
      return { first, ...(last === undefined ? {} : { last }) };
    }
    throw new KeywardError(
      'Usage',
      `${option} takes two places such as 0-1023, or 100- for all from there on; "${text}" is not that.`,
    );
  };
}
