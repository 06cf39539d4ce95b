/** Colours for one stream; each function gives plain text where colour is not wanted. */
export type Style = {
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
};

/** A stream as far as its looks go. */
type Looks = { readonly isTTY?: boolean; readonly columns?: number };

/** True where colours and redrawing make sense: a terminal that is not a dumb one. */
export function isLively(stream: Looks, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

/** The style for a stream: colours only on a terminal, and never against NO_COLOR. */
export function styleFor(stream: Looks, env: NodeJS.ProcessEnv): Style {
  const colour = isLively(stream, env) && (env['NO_COLOR'] ?? '') === '';
  const paint = (on: number, off: number) => (text: string) =>
    colour && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { dim: paint(2, 22), bold: paint(1, 22), good: paint(32, 39), bad: paint(31, 39) };
}
