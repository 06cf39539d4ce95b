import { fail, type KeywardError } from '../../shared/errors.ts';
import type { Stranger } from '../../shared/reasons/process.ts';

/** The page's frame as Electron describes it; `null` when it is gone already. */
type Frame = { readonly url: string } | null;

/** Who sent a message. */
export type Sender = { readonly sender: { readonly mainFrame: Frame }; readonly senderFrame: Frame };

/** The window's page: its contents, and where they must come from. */
export type TrustedPage = {
  readonly contents: () => unknown;
  readonly protocol: string;
  readonly host: string;
};

/** Bounds of one message: characters and bytes in all, values in all, nesting. */
const MAX_SIZE = 4 * 1024 * 1024;
const MAX_VALUES = 100_000;
const DEEPEST = 12;

const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/**
 * Refuses every message that does not come from the main frame of our own window, showing our own page.
 * Throws `AccessDeniedException`.
 */
export function checkSender(event: Sender, page: TrustedPage): void {
  const { sender, senderFrame } = event;
  if (senderFrame === null) throw denied('frame-gone');
  if (sender !== page.contents()) throw denied('not-our-window');
  if (senderFrame !== sender.mainFrame) throw denied('frame-within');
  const url = URL.parse(senderFrame.url);
  // `origin` of our own scheme is the text "null", like that of many others.
  if (url?.protocol !== page.protocol || url.host !== page.host) throw denied('another-page');
}

/**
 * Refuses what no page of ours sends: huge, deep or circular values, keys that reach for prototypes, and
 * anything but plain data and bytes. Throws `MessageTooLarge` or `ValidationException`.
 */
export function checkShape(value: unknown): void {
  const left = { size: MAX_SIZE, values: MAX_VALUES };
  walk(value, DEEPEST, left);
}

function walk(value: unknown, depth: number, left: { size: number; values: number }): void {
  left.values -= 1;
  if (left.values < 0 || depth < 0) throw tooLarge();
  if (typeof value === 'string') {
    spend(value.length, left);
    return;
  }
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return;
  if (value instanceof Uint8Array) {
    spend(value.byteLength, left);
    return;
  }
  if (Array.isArray(value)) {
    for (const item of value) walk(item, depth - 1, left);
    return;
  }
  if (typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype) throw notPlain();
  for (const name of Object.getOwnPropertyNames(value)) {
    if (FORBIDDEN.includes(name)) throw notPlain();
    spend(name.length, left);
    walk(Object.getOwnPropertyDescriptor(value, name)?.value, depth - 1, left);
  }
}

function spend(size: number, left: { size: number }): void {
  left.size -= size;
  if (left.size < 0) throw tooLarge();
}

function denied(why: Stranger): KeywardError {
  return fail('request-not-from-our-page', { why }, {});
}

function tooLarge(): KeywardError {
  return fail('request-too-large');
}

function notPlain(): KeywardError {
  return fail('request-not-plain');
}
