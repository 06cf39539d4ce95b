/** Keyward's mark: a K whose stem has the cuts of a key; the same drawing as resources/icon.svg. */
export function Logo({ size = 20 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <rect width="16" height="16" rx="3.5" fill="var(--accent)" />
      <path
        d="M4 3h3v4.1L10.1 3h3L9.4 7.8 13.2 13H10L7 8.7V13H4v-2h1.2V9.6H4V7.4h1.2V6H4z"
        fill="var(--ink-on-accent)"
      />
    </svg>
  );
}
