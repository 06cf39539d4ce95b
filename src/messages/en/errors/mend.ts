/** Next steps of a vault that is damaged, in each face; put behind a sentence of what happened. */
export const MEND = {
  command:
    'Run "keyward repair --dry-run" to see how it is made whole; where it can\'t be, restore a backup.',
  window:
    "Open it for rescue, with the passphrase or the recovery phrase: Recovery says how it is repaired; where it can't be, restore a backup.",
} as const;
