//! The writer's statements, prepared once.

use rusqlite::{Connection, Statement};

use super::row::SELECT;

pub(super) struct Statements<'c> {
    pub(super) begin: Statement<'c>,
    pub(super) commit: Statement<'c>,
    pub(super) rollback: Statement<'c>,
    pub(super) insert_message: Statement<'c>,
    pub(super) insert_delivery: Statement<'c>,
    pub(super) insert_chain: Statement<'c>,
    pub(super) insert_body: Statement<'c>,
    pub(super) insert_fact: Statement<'c>,
    pub(super) update_message: Statement<'c>,
    pub(super) update_delivery: Statement<'c>,
    pub(super) raise_lane: Statement<'c>,
    pub(super) move_head: Statement<'c>,
    pub(super) find: Statement<'c>,
    pub(super) find_key: Statement<'c>,
}

impl<'c> Statements<'c> {
    pub(super) fn prepare(connection: &'c Connection) -> rusqlite::Result<Statements<'c>> {
        let prepare = |sql: &str| connection.prepare(sql);
        Ok(Statements {
            begin: prepare("BEGIN IMMEDIATE")?,
            commit: prepare("COMMIT")?,
            rollback: prepare("ROLLBACK")?,
            insert_message: prepare(
                "INSERT INTO message (id, org, operation, key, fingerprint, bank, document, fen, adapter, accepted_at, \
                 state, reason, due_at, fence, given_back, conflict, delivery, claim_seq, last_seq, twin) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, 0, ?15, ?16, ?16, ?17) \
                 ON CONFLICT (org, operation, key) DO NOTHING",
            )?,
            insert_delivery: prepare(
                "INSERT INTO delivery (id, bank, serial_scope, serial, serial_rule, salt, business_date, digest, \
                 intent_seq, intended_at, attempts, resends, may_have_reached, acknowledged, released, absent_count, \
                 queries, rung) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1, 0, 0, 0, 0, 0, 0, 0) \
                 ON CONFLICT (bank, serial_scope, serial) DO NOTHING",
            )?,
            insert_chain: prepare("INSERT INTO chain (seq, record, hash) VALUES (?1, ?2, ?3)")?,
            insert_body: prepare("INSERT INTO body (slot, sealed) VALUES (?1, ?2)")?,
            insert_fact: prepare("INSERT INTO fact (seq, message, kind, fen, at) VALUES (?1, ?2, ?3, ?4, ?5)")?,
            update_message: prepare(
                "UPDATE message SET state = ?2, before_query = ?3, reason = ?4, bank_serial = ?5, settled_at = ?6, \
                 due_at = ?7, status = ?8, fence = ?9, given_back = ?10, conflict = ?11, delivery = ?12, \
                 answer_seq = ?13, response_seq = ?14, last_seq = ?15 WHERE id = ?1",
            )?,
            update_delivery: prepare(
                "UPDATE delivery SET attempts = ?2, resends = ?3, may_have_reached = ?4, acknowledged = ?5, \
                 released = ?6, absent_count = ?7, first_absent_at = ?8, last_absent_at = ?9, queries = ?10, \
                 rung = ?11 WHERE id = ?1",
            )?,
            raise_lane: prepare(
                "INSERT INTO lane (bank, date, shard, high_water) VALUES (?1, ?2, ?3, ?4) \
                 ON CONFLICT (bank, date, shard) DO UPDATE SET high_water = max(high_water, excluded.high_water)",
            )?,
            move_head: prepare(
                "INSERT INTO head (one, seq, hash, mac) VALUES (1, ?1, ?2, ?3) \
                 ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, mac = excluded.mac",
            )?,
            find: prepare(&format!("{SELECT} WHERE m.id = ?1"))?,
            find_key: prepare(&format!("{SELECT} WHERE m.org = ?1 AND m.operation = ?2 AND m.key = ?3"))?,
        })
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::{StatementStatus, params};

    use super::*;
    use crate::journal::schema::SCHEMA;

    /// A million messages must not make the next one slower, and a statement that builds a table for itself at each run is
    /// slow from the first one on. Foreign keys, triggers, checks and conditions of indexes are all part of a statement.
    #[test]
    fn no_statement_of_a_payment_looks_through_a_table_or_builds_one() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(SCHEMA).unwrap();
        let mut statements = Statements::prepare(&connection).unwrap();
        for number in 1..=5_i64 {
            let (id, digest) = ([u8::try_from(number).unwrap(); 16], [0_u8; 32]);
            let key = number.to_string();
            statements.begin.execute([]).unwrap();
            let row = params![
                id,
                "o",
                "p",
                key,
                [0_u8],
                "b",
                key,
                1,
                "a",
                1,
                "SENDING",
                None::<&str>,
                1,
                1,
                number,
                number,
                digest
            ];
            assert_eq!(statements.insert_message.execute(row).unwrap(), 1);
            let row = params![number, "b", "", key, 1, 0, "2026-01-01", digest, number, 1];
            assert_eq!(statements.insert_delivery.execute(row).unwrap(), 1);
            statements.insert_chain.execute(params![number, "event=claimed\n", digest]).unwrap();
            statements.insert_body.execute(params![number, [1_u8]]).unwrap();
            statements.move_head.execute(params![number, digest, digest]).unwrap();
            statements.commit.execute([]).unwrap();
            let none = None::<i64>;
            let row =
                params![id, "SUCCEEDED", None::<&str>, "7", "1", 2, none, 200, 1, 0, 0, number, number, number, number];
            assert_eq!(statements.update_message.execute(row).unwrap(), 1);
            let row = params![number, 1, 0, 1, 0, 0, 0, none, none, 0, 0];
            assert_eq!(statements.update_delivery.execute(row).unwrap(), 1);
        }
        for statement in [
            &statements.insert_message,
            &statements.insert_delivery,
            &statements.insert_chain,
            &statements.insert_body,
            &statements.move_head,
            &statements.update_message,
            &statements.update_delivery,
            &statements.find,
            &statements.find_key,
        ] {
            let sql = statement.expanded_sql().unwrap();
            assert_eq!(statement.get_status(StatementStatus::FullscanStep), 0, "{sql}");
            let mut program = connection.prepare(&format!("EXPLAIN {sql}")).unwrap();
            let codes = program.query_map([], |row| row.get::<_, String>(1)).unwrap();
            assert!(codes.map(Result::unwrap).all(|code| code != "OpenEphemeral"), "{sql}");
        }
    }
}
