/** Why something fails: the log and the self-tests. */
export const AUDIT_REASONS = {
  'audit-without-beginning': ['AuditBroken'],
  'last-uses-changed': ['AuditBroken'],
  'audit-entry-changed': ['AuditBroken', { seq: 'number' }],
  'audit-key-lost': ['AuditBroken'],
  'self-test-failed': ['SelfTestFailed', { failed: 'texts' }],
  'audit-unwritable': ['AuditUnwritable', { why: ['moved', 'full', 'read-only'], path: 'text' }],
  'audit-check-cancelled': ['Cancelled'],
} as const;
