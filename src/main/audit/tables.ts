/** The table of entries, as a damaged database is read. */
export const ENTRIES = {
  table: 'audit',
  columns: { seq: 'integer', body: 'blob', hash: 'blob', mac: 'blob' },
  key: ['seq'],
} as const;

/** The table of segments, as a damaged database is read. */
export const SEGMENTS = {
  table: 'audit_segments',
  columns: {
    n: 'integer',
    first_seq: 'integer',
    public_key: 'blob',
    certificate: 'blob',
    last_seq: 'integer?',
    head: 'blob?',
    seal: 'blob?',
  },
  key: ['n'],
} as const;
