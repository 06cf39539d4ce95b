/** What mutation testing changes, and the tests that have to notice. */
export type MutationArea = { readonly mutate: readonly string[]; readonly tests: readonly string[] };

/** The areas by their names. */
export const MUTATION_AREAS: { readonly [name: string]: MutationArea } = {
  envelope: {
    mutate: ['src/main/envelope/{header,slots,frame,sealed-frame,plan}.ts'],
    tests: ['test/unit/envelope/{parsers,header,plan,vectors,unlock,copies,frozen}.test.ts'],
  },
  bodies: {
    mutate: ['src/main/envelope/{body,decrypt,layout}.ts'],
    tests: ['test/unit/envelope/{body,aws-body,plan,frozen}.test.ts'],
  },
  policy: {
    mutate: ['src/main/kms/policy/*.ts'],
    // Without those of hostile policies: changed code is several times slower.
    tests: ['test/unit/kms/policy/{cases,document,explain,json,operators,reference}.test.ts'],
  },
  unlock: {
    mutate: [
      'src/main/unlock/{confirm,keychain,open,protectors,record,root-key,secret,system-keychain,verify}.ts',
    ],
    tests: ['test/unit/unlock/*.test.ts'],
  },
};

/** The area of that name; throws for a name that is none, so that a typing error runs no other. */
export function mutationArea(name: string): MutationArea {
  const area = MUTATION_AREAS[name];
  if (area !== undefined) return area;
  throw new Error(`"${name}" is no area of mutation testing: ${Object.keys(MUTATION_AREAS).join(', ')}`);
}
