//! The tables of the SQLite engine and the guards that hold for every client of the file, not only for this program.
//!
//! Times are microseconds since 1970 in UTC. A message's row is its present; the chain is its history. A trigger that
//! meets a key or serial that is taken ignores the new row, so that "insert or replace" cannot push the old one out.
//!
//! Conditions that every payment meets are chains of OR: for an IN with more than two values SQLite builds a table of its
//! own, anew at each run of a statement, and five of them were a fifth of the writer's work.

/// Version of the schema; a journal of another version is not opened.
pub(super) const SCHEMA_VERSION: i64 = 2;

/// Everything, in one script.
pub(super) const SCHEMA: &str = "
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE owner (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  boot      TEXT NOT NULL,
  process   INTEGER NOT NULL,
  fence     INTEGER NOT NULL,
  opened_at INTEGER NOT NULL
) STRICT;

CREATE TABLE head (
  one  INTEGER PRIMARY KEY CHECK (one = 1),
  seq  INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  mac  BLOB NOT NULL CHECK (length(mac) = 32)
) STRICT;

CREATE TABLE delivery (
  id               INTEGER PRIMARY KEY,
  bank             TEXT NOT NULL,
  serial_scope     TEXT NOT NULL,
  serial           TEXT NOT NULL CHECK (length(serial) > 0),
  serial_rule      INTEGER NOT NULL,
  salt             INTEGER NOT NULL,
  business_date    TEXT NOT NULL,
  digest           BLOB NOT NULL CHECK (length(digest) = 32),
  intent_seq       INTEGER NOT NULL,
  intended_at      INTEGER NOT NULL,
  attempts         INTEGER NOT NULL CHECK (attempts > 0),
  resends          INTEGER NOT NULL,
  may_have_reached INTEGER NOT NULL CHECK (may_have_reached IN (0, 1)),
  acknowledged     INTEGER NOT NULL CHECK (acknowledged IN (0, 1)),
  released         INTEGER NOT NULL CHECK (released IN (0, 1)),
  absent_count     INTEGER NOT NULL,
  first_absent_at  INTEGER,
  last_absent_at   INTEGER,
  queries          INTEGER NOT NULL,
  rung             INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX delivery_serial ON delivery (bank, serial_scope, serial);

CREATE TABLE message (
  id           BLOB NOT NULL CHECK (length(id) = 16),
  org          TEXT NOT NULL,
  operation    TEXT NOT NULL,
  key          TEXT NOT NULL CHECK (length(key) > 0),
  fingerprint  BLOB NOT NULL,
  bank         TEXT NOT NULL,
  document     TEXT,
  fen          INTEGER NOT NULL CHECK (fen > 0 OR (fen = 0 AND operation IS NOT 'payment.pay')),
  adapter      TEXT NOT NULL,
  accepted_at  INTEGER NOT NULL,
  state        TEXT NOT NULL CHECK (state = 'ACCEPTED' OR state = 'HELD' OR state = 'READY' OR state = 'SENDING' OR
                                    state = 'ACKED' OR state = 'UNKNOWN' OR state = 'QUERYING' OR state = 'ABSENT' OR
                                    state = 'MANUAL' OR state = 'SUCCEEDED' OR state = 'FAILED' OR state = 'CANCELLED'),
  before_query TEXT CHECK ((state = 'QUERYING') = (before_query IS NOT NULL)),
  reason       TEXT,
  bank_serial  TEXT,
  settled_at   INTEGER CHECK ((state = 'SUCCEEDED' OR state = 'FAILED' OR state = 'CANCELLED') =
                              (settled_at IS NOT NULL)),
  due_at       INTEGER,
  status       INTEGER,
  fence        INTEGER NOT NULL,
  given_back   INTEGER NOT NULL CHECK (given_back BETWEEN 0 AND fen),
  conflict     INTEGER NOT NULL CHECK (conflict IN (0, 1)),
  delivery     INTEGER REFERENCES delivery (id) DEFERRABLE INITIALLY DEFERRED,
  claim_seq    INTEGER NOT NULL,
  answer_seq   INTEGER,
  response_seq INTEGER,
  last_seq     INTEGER NOT NULL,
  twin         BLOB CHECK (twin IS NULL OR length(twin) = 32),
  PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX message_key ON message (org, operation, key);
-- A new delivery looks for messages that already refer to it; without this, in every row.
CREATE INDEX message_delivery ON message (delivery) WHERE delivery IS NOT NULL;
CREATE INDEX message_document ON message (document) WHERE document IS NOT NULL;
CREATE INDEX message_twin ON message (twin) WHERE twin IS NOT NULL;
-- Registers are made of what is not a payment; this finds it among many millions that are.
CREATE INDEX message_errand ON message (operation, id) WHERE operation <> 'payment.pay';
CREATE INDEX message_due ON message (bank, state, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX message_attention ON message (state)
  WHERE state = 'HELD' OR state = 'ACKED' OR state = 'UNKNOWN' OR state = 'ABSENT' OR state = 'MANUAL';

CREATE TABLE fact (
  seq     INTEGER PRIMARY KEY,
  message BLOB NOT NULL,
  kind    TEXT NOT NULL CHECK (kind IN ('CONFLICT', 'RETURNED', 'REVERSED', 'CORRECTION')),
  fen     INTEGER NOT NULL,
  at      INTEGER NOT NULL
) STRICT;
CREATE INDEX fact_message ON fact (message);

CREATE TABLE body (
  slot   INTEGER PRIMARY KEY,
  sealed BLOB NOT NULL
) STRICT;

CREATE TABLE chain (
  seq    INTEGER PRIMARY KEY,
  record TEXT NOT NULL,
  hash   BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;

CREATE TABLE lane (
  bank       TEXT NOT NULL,
  date       TEXT NOT NULL,
  shard      INTEGER NOT NULL,
  high_water INTEGER NOT NULL,
  PRIMARY KEY (bank, date, shard)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER message_is_new BEFORE INSERT ON message
  WHEN EXISTS (SELECT 1 FROM message WHERE org = NEW.org AND operation = NEW.operation AND key = NEW.key)
  BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER message_id_is_new BEFORE INSERT ON message
  WHEN EXISTS (SELECT 1 FROM message WHERE id = NEW.id)
  BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER message_identity BEFORE UPDATE OF
  id, org, operation, key, fingerprint, bank, document, fen, adapter, accepted_at, claim_seq, twin ON message
  BEGIN SELECT RAISE(ABORT, 'what was accepted does not change'); END;
CREATE TRIGGER message_delivery_once BEFORE UPDATE OF delivery ON message
  WHEN OLD.delivery IS NOT NULL AND NEW.delivery IS NOT OLD.delivery
  BEGIN SELECT RAISE(ABORT, 'a message keeps its delivery'); END;
CREATE TRIGGER message_outcome BEFORE UPDATE OF
  state, before_query, reason, bank_serial, settled_at, status, response_seq, delivery, fence ON message
  WHEN (OLD.state = 'SUCCEEDED' OR OLD.state = 'FAILED' OR OLD.state = 'CANCELLED') AND
       (NEW.state IS NOT OLD.state OR NEW.before_query IS NOT OLD.before_query OR NEW.reason IS NOT OLD.reason OR
        NEW.bank_serial IS NOT OLD.bank_serial OR NEW.settled_at IS NOT OLD.settled_at OR
        NEW.status IS NOT OLD.status OR NEW.response_seq IS NOT OLD.response_seq OR
        NEW.delivery IS NOT OLD.delivery OR NEW.fence IS NOT OLD.fence)
  BEGIN SELECT RAISE(ABORT, 'an outcome does not change'); END;
CREATE TRIGGER message_stays BEFORE DELETE ON message
  BEGIN SELECT RAISE(ABORT, 'a message is not deleted'); END;

CREATE TRIGGER delivery_is_new BEFORE INSERT ON delivery
  WHEN EXISTS (SELECT 1 FROM delivery
               WHERE bank = NEW.bank AND serial_scope = NEW.serial_scope AND serial = NEW.serial)
  BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER delivery_id_is_new BEFORE INSERT ON delivery
  WHEN EXISTS (SELECT 1 FROM delivery WHERE id = NEW.id)
  BEGIN SELECT RAISE(ABORT, 'a delivery does not change'); END;
CREATE TRIGGER delivery_identity BEFORE UPDATE OF
  id, bank, serial_scope, serial, serial_rule, salt, business_date, digest, intent_seq, intended_at ON delivery
  BEGIN SELECT RAISE(ABORT, 'a serial and its bytes do not change'); END;
CREATE TRIGGER delivery_stays BEFORE DELETE ON delivery
  BEGIN SELECT RAISE(ABORT, 'a delivery is not deleted'); END;

CREATE TRIGGER chain_grows BEFORE INSERT ON chain
  WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM chain)
  BEGIN SELECT RAISE(ABORT, 'the chain grows at its end'); END;
CREATE TRIGGER chain_fixed BEFORE UPDATE ON chain
  BEGIN SELECT RAISE(ABORT, 'the chain does not change'); END;
CREATE TRIGGER chain_stays BEFORE DELETE ON chain
  BEGIN SELECT RAISE(ABORT, 'the chain is not cut'); END;

CREATE TRIGGER fact_is_new BEFORE INSERT ON fact WHEN EXISTS (SELECT 1 FROM fact WHERE seq = NEW.seq)
  BEGIN SELECT RAISE(ABORT, 'a fact does not change'); END;
CREATE TRIGGER fact_fixed BEFORE UPDATE ON fact
  BEGIN SELECT RAISE(ABORT, 'a fact does not change'); END;
CREATE TRIGGER fact_stays BEFORE DELETE ON fact
  BEGIN SELECT RAISE(ABORT, 'a fact is not deleted'); END;

CREATE TRIGGER body_is_new BEFORE INSERT ON body WHEN EXISTS (SELECT 1 FROM body WHERE slot = NEW.slot)
  BEGIN SELECT RAISE(ABORT, 'a body does not change'); END;
CREATE TRIGGER body_fixed BEFORE UPDATE ON body
  BEGIN SELECT RAISE(ABORT, 'a body does not change'); END;

CREATE TRIGGER lane_grows BEFORE UPDATE ON lane
  WHEN NEW.high_water < OLD.high_water OR NEW.bank IS NOT OLD.bank OR NEW.date IS NOT OLD.date
       OR NEW.shard IS NOT OLD.shard
  BEGIN SELECT RAISE(ABORT, 'a lane does not go back'); END;
CREATE TRIGGER lane_stays BEFORE DELETE ON lane
  BEGIN SELECT RAISE(ABORT, 'a lane does not go back'); END;

CREATE TRIGGER meta_fixed BEFORE UPDATE ON meta
  WHEN NEW.name IS NOT OLD.name OR OLD.name = 'installation' OR (OLD.name = 'simulation' AND OLD.value = 'yes')
  BEGIN SELECT RAISE(ABORT, 'this mark stays'); END;
CREATE TRIGGER meta_stays BEFORE DELETE ON meta
  BEGIN SELECT RAISE(ABORT, 'this mark stays'); END;
";
