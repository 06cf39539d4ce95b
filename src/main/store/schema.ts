/** Marks our databases among others: "KWRD", in SQLite's application_id. */
export const APPLICATION_ID = 0x4b575244;

/**
 * The steps from an empty database to today's; number n leads to user_version n + 1. A step that has been
 * released is never edited.
 *
 * `vault`, `protectors`, `partials` and `leases` can be read without unlocking. `records` holds every row that
 * decides things, each with a MAC. `tree_nodes` and `tree_roots` are trees of hashes over rows of other tables, by the
 * tree's name (docs/adr/0014); `record_set` is empty except in an older vault, whose records had one MAC over all of them
 * instead. `key_uses` is an index of the log: the newest entry that tells of a use of each key; the log's head has a
 * sum over it. `jobs` holds sealed rows, which decide nothing. `audit_blocks` and `audit_terms` are the index that searches of the log begin with.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE vault (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    vault_id TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    throw_away INTEGER NOT NULL,
    created INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE protectors (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    record BLOB NOT NULL
  ) STRICT;
  CREATE TABLE records (
    room TEXT NOT NULL,
    id TEXT NOT NULL,
    body BLOB NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (room, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE record_set (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL,
    mac BLOB NOT NULL
  ) STRICT;
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    body BLOB NOT NULL,
    hash BLOB NOT NULL,
    mac BLOB NOT NULL
  ) STRICT;
  CREATE TABLE audit_segments (
    n INTEGER PRIMARY KEY,
    first_seq INTEGER NOT NULL,
    public_key BLOB NOT NULL,
    certificate BLOB NOT NULL,
    last_seq INTEGER,
    head BLOB,
    seal BLOB
  ) STRICT;
  CREATE TABLE catalog (
    message_id BLOB PRIMARY KEY NOT NULL,
    sealed BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE partials (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL,
    device TEXT,
    inode TEXT,
    born TEXT,
    message_id BLOB,
    created INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE leases (
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // What the log of an older vault tells is entered once, so that the index reaches as far back as the log.
  `
  CREATE TABLE key_uses (
    key_arn TEXT PRIMARY KEY NOT NULL,
    seq INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  INSERT INTO key_uses (key_arn, seq)
  SELECT arn.value, max(entry.seq)
  FROM (
    SELECT seq, CASE WHEN json_valid(CAST(body AS TEXT)) THEN CAST(body AS TEXT) ELSE '{}' END AS event FROM audit
  ) AS entry, json_each(entry.event, '$.keyArns') AS arn
  WHERE json_extract(entry.event, '$.errorCode') IS NULL
    AND json_extract(entry.event, '$.eventName') IN (
      'Decapsulate', 'Decrypt', 'DeriveSharedSecret', 'Encapsulate', 'Encrypt', 'GenerateDataKey',
      'GenerateDataKeyPair', 'GenerateDataKeyPairWithoutPlaintext', 'GenerateDataKeyWithoutPlaintext',
      'GenerateMac', 'ReEncrypt', 'RewrapDataKey', 'Sign', 'Verify', 'VerifyMac'
    )
    AND arn.type = 'text'
  GROUP BY arn.value;
  `,
  // Which folder a partial stands in, and the final name that it is taking on a disk without hard links.
  `
  ALTER TABLE partials ADD COLUMN folder TEXT;
  ALTER TABLE partials ADD COLUMN claims TEXT;
  `,
  // Who wrote a row of the partials: what an older program recorded is told, and left where it is.
  'ALTER TABLE partials ADD COLUMN mac BLOB;',
  // The search index of the log; an older vault's entries go into it behind the open vault, a few at a time.
  `
  CREATE TABLE audit_blocks (
    block INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE audit_terms (
    block INTEGER NOT NULL,
    term INTEGER NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (block, term)
  ) STRICT, WITHOUT ROWID;
  `,
  // The tree needs the root key, so the records move into it at the next unlock (Records.moveIntoTree).
  `
  CREATE TABLE tree_roots (
    tree TEXT PRIMARY KEY NOT NULL,
    level INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    hash BLOB NOT NULL,
    mac BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE tree_nodes (
    tree TEXT NOT NULL,
    level INTEGER NOT NULL,
    first BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (tree, level, first)
  ) STRICT;
  `,
  // The log may hold packed entries from here on, which an older program would take for damaged.
  '-- No table changes.',
  // A job is a head, its parameters, and its items in pages: parts 0, 1, and 2 and up. `mark` is what the set of all is over.
  `
  CREATE TABLE jobs (
    job BLOB NOT NULL,
    part INTEGER NOT NULL,
    mark BLOB NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (job, part)
  ) STRICT;
  `,
];
