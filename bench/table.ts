/** One line of the benchmark's table: what was measured, what came out, what we aim for. */
export type Row = { readonly what: string; readonly value: string; readonly aim: string };

/** The middle one of the samples; the mean of the two middle ones where their number is even. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ what, value, aim }) => `| ${what} | ${value} | ${aim} |`);
  return ['| measure | median | aim |', '|---|---|---|', ...lines].join('\n');
}
