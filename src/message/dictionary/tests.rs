use std::collections::HashSet;

use super::*;

#[test]
fn rows_stand_in_schema_order_under_their_own_field() {
    for (at, field) in Field::ALL.into_iter().enumerate() {
        assert_eq!(field.index(), at);
        assert_eq!(def(field).field, field);
        assert_eq!(Field::from_name(field.name()), Some(field));
    }
    assert_eq!(Field::from_name("payee"), None);
}

#[test]
fn names_are_unique_and_codes_fit() {
    let rows = Field::ALL.map(def);
    let names: HashSet<_> = rows.iter().map(|row| row.name).collect();
    let titles: HashSet<_> = rows.iter().map(|row| row.en).collect();
    assert_eq!((names.len(), titles.len()), (Field::COUNT, Field::COUNT));
    for row in rows {
        if let Type::Code(codes) = row.ty {
            assert!(codes.iter().all(|code| code.code.len() <= row.max), "{}", row.name);
            let unique: HashSet<_> = codes.iter().map(|code| code.code).collect();
            assert_eq!(unique.len(), codes.len(), "{}", row.name);
        }
    }
}

#[test]
fn every_group_has_a_title_and_every_title_a_group() {
    let used: HashSet<_> = Field::ALL.into_iter().filter_map(|field| def(field).place().0).collect();
    let titled: HashSet<_> = GROUPS.iter().map(|group| group.name).collect();
    assert_eq!(used, titled);
}

#[test]
fn operations_have_names_and_say_each_field_once() {
    for operation in Operation::ALL {
        assert_eq!(Operation::from_name(operation.name()), Some(operation));
        let row = operation.def();
        let said: HashSet<_> = row.required.iter().chain(row.optional).collect();
        assert_eq!(said.len(), row.required.len() + row.optional.len(), "{}", row.name);
        // A number whose kind the message cannot say could never be checked.
        for field in operation.fields() {
            if let Some(kind) = def(field).ty.depends_on() {
                assert!(operation.has(kind), "{} {}", row.name, field.name());
            }
        }
    }
    let used: HashSet<_> = Operation::ALL.into_iter().flat_map(Operation::fields).collect();
    // The statuses are what a bank answers, not what anybody asks.
    let answered = [Field::CardSocialStatus, Field::CardFinancialStatus];
    assert_eq!(used.len() + answered.len(), Field::COUNT);
    assert!(answered.iter().all(|field| !used.contains(field)));
}

#[test]
fn the_numbers_of_documents_are_all_listed() {
    let documents = Field::ALL.into_iter().filter(|field| matches!(def(*field).ty, Type::Document(_)));
    assert!(documents.eq(DOCUMENT_NUMBERS));
}
