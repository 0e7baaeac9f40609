// Tables of state.sqlite, version 2. A change of shape is a new version with its own step from the
// one before.
#pragma once

namespace lakeshift::state {

inline constexpr int kFormatVersion = 1;  // of the work directory
inline constexpr int kSchemaVersion = 2;  // of the database

inline constexpr const char* kSchema = R"sql(
CREATE TABLE IF NOT EXISTS inventory (
  side TEXT PRIMARY KEY, head TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS object (
  side TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL,
  name TEXT NOT NULL, document TEXT NOT NULL, content TEXT NOT NULL, unread_code TEXT NOT NULL,
  unread_reason TEXT NOT NULL, PRIMARY KEY (side, number)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS journal (
  number INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, change TEXT NOT NULL, action INTEGER NOT NULL,
  name TEXT NOT NULL, outcome TEXT NOT NULL, attempts INTEGER NOT NULL, bound_id TEXT NOT NULL, answer TEXT NOT NULL,
  error_code TEXT NOT NULL, error_message TEXT NOT NULL, error_remedy TEXT NOT NULL, started TEXT NOT NULL,
  ended TEXT NOT NULL, UNIQUE (run, change, action));
CREATE TABLE IF NOT EXISTS ledger (
  side TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
  target_side TEXT NOT NULL, target_id TEXT NOT NULL, target_key TEXT NOT NULL, state TEXT NOT NULL,
  code TEXT NOT NULL, reason TEXT NOT NULL, fingerprint TEXT NOT NULL, stamp TEXT NOT NULL,
  attempts INTEGER NOT NULL, PRIMARY KEY (side, kind, id, target_side)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS note (
  name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
)sql";

// 1 -> 2: an object may move to several targets, so that the ledger has a row for each of them.
inline constexpr const char* kFrom1To2 = R"sql(
ALTER TABLE ledger RENAME TO ledger_1;
CREATE TABLE ledger (
  side TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, name TEXT NOT NULL,
  target_side TEXT NOT NULL, target_id TEXT NOT NULL, target_key TEXT NOT NULL, state TEXT NOT NULL,
  code TEXT NOT NULL, reason TEXT NOT NULL, fingerprint TEXT NOT NULL, stamp TEXT NOT NULL,
  attempts INTEGER NOT NULL, PRIMARY KEY (side, kind, id, target_side)) WITHOUT ROWID;
INSERT INTO ledger SELECT * FROM ledger_1;
DROP TABLE ledger_1;
)sql";

}  // namespace lakeshift::state
