/** What a table of words has for a text from outside; what every object inherits, such as `constructor`, is none of it. */
export function ownValue<T>(table: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
