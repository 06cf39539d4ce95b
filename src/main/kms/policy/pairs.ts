/** An encryption context, or what a constraint asks of one. */
type Pairs = { readonly [name: string]: string };

/**
 * Whether a context has all pairs of a constraint: there the name of a pair is compared without case, its value with it
 * (KMS API Reference, "GrantConstraints").
 */
export function includesPairs(context: Pairs, wanted: Pairs): boolean {
  const have = new Set(foldedPairs(context));
  return foldedPairs(wanted).every((pair) => have.has(pair));
}

function foldedPairs(pairs: Pairs): string[] {
  return Object.entries(pairs).map(([name, value]) => JSON.stringify([name.toLowerCase(), value]));
}
