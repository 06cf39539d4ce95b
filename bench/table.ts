/**
 * One line of the benchmark's table: what was measured, what came out, what we aim for, and the raw samples in
 * milliseconds.
 */
export type Row = {
  readonly what: string;
  readonly value: string;
  readonly aim: string;
  readonly samples?: { readonly [name: string]: readonly number[] };
};

/** A row with the ratio of the medians of two samples, the first over the second. */
export function ratioRow(
  what: string,
  aim: string,
  samples: { readonly [name: string]: readonly number[] },
): Row {
  const [first = [], second = []] = Object.values(samples);
  return { what, aim, samples, value: `${(median(first) / median(second)).toFixed(2)} times` };
}

/** The rows with medians, spread and raw samples, for bench/RESULTS.md. */
export function resultsOf(rows: readonly Row[]): string {
  const of = (name: string, all: readonly number[]) => {
    const [low, high] = [Math.min(...all), Math.max(...all)].map((ms) => ms.toFixed(0));
    const raw = all.map((ms) => ms.toFixed(0)).join(' ');
    return `- ${name}: median ${median(all).toFixed(0)} ms, ${low} to ${high} ms; ${raw}`;
  };
  return rows
    .filter(({ samples = {} }) => Object.keys(samples).length > 0)
    .map(({ what, samples = {} }) =>
      [`### ${what}`, '', ...Object.entries(samples).map(([name, all]) => of(name, all))].join('\n'),
    )
    .join('\n\n');
}

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
