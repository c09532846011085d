//! The W3C conformance suite for XML, read with the strict layer.
//!
//! The suite comes from its npm package (exact version and digests in the lock file beside this file) and is installed
//! under `target/` the first time.

#[cfg(test)]
mod suite;

#[cfg(test)]
mod conformance {
    use kuimen::adapter::xml::{Event, Limits, Reader, XmlFault};

    use crate::suite::{Document, decode, documents};

    fn read(text: &str) -> Result<(), XmlFault> {
        let mut reader = Reader::new(text, &Limits::default());
        while !matches!(reader.next()?, Event::Eof) {}
        Ok(())
    }

    /// A document that cannot be decoded never reaches the reader: it counts as refused.
    fn accepted(document: &Document) -> bool {
        decode(&document.bytes).is_some_and(|text| read(&text).is_ok())
    }

    #[test]
    fn refuses_every_document_that_is_not_well_formed() {
        let documents = documents();
        let not_wf = documents.iter().filter(|d| d.kind == "not-wf" && d.applies() && !d.has_doctype());

        let (namespaces, plain): (Vec<_>, Vec<_>) = not_wf.partition(|d| d.recommendation == "NS1.0");
        assert_eq!(plain.len(), 228, "documents not well-formed by XML 1.0");
        assert_eq!(namespaces.len(), 15, "documents not well-formed by Namespaces in XML 1.0");

        let undecodable: Vec<_> = plain.iter().filter(|d| decode(&d.bytes).is_none()).map(|d| &d.path).collect();
        assert_eq!(undecodable.len(), 7, "refused before the reader sees them: {undecodable:?}");

        let wrong: Vec<_> = plain.iter().chain(&namespaces).filter(|d| accepted(d)).map(|d| &d.path).collect();
        assert!(wrong.is_empty(), "accepted: {wrong:?}");
    }

    #[test]
    fn accepts_every_well_formed_document_without_a_document_type() {
        let documents = documents();
        // `invalid` documents are well-formed: only a validating reader objects to them.
        let well_formed: Vec<_> = documents
            .iter()
            .filter(|d| matches!(d.kind.as_str(), "valid" | "invalid") && d.applies())
            .filter(|d| !d.has_doctype() || d.mentions_doctype_only())
            .collect();
        let wrong: Vec<_> = well_formed
            .iter()
            .filter(|d| !accepted(d))
            .map(|d| (&d.path, decode(&d.bytes).map(|text| read(&text).map_err(|fault| fault.to_string()))))
            .collect();
        assert!(wrong.is_empty(), "of {} refused: {wrong:?}", well_formed.len());
        assert_eq!(well_formed.len(), 73);
    }

    #[test]
    fn names_follow_the_fifth_edition() {
        let documents = documents();
        let earlier: Vec<_> = documents
            .iter()
            .filter(|d| d.kind == "not-wf" && d.edition.as_deref() == Some("1 2 3 4") && !d.has_doctype())
            .collect();
        assert_eq!(earlier.len(), 3, "documents that only the earlier editions refuse");
        let wrong: Vec<_> = earlier.iter().filter(|d| !accepted(d)).map(|d| &d.path).collect();
        // That one is UTF-8 but declares ISO-8859-1, where its two bytes are no letter of a name.
        assert_eq!(wrong, ["eduni/xml-1.1/014.xml"]);
    }

    #[test]
    fn refuses_every_document_with_a_document_type() {
        let documents = documents();
        let typed: Vec<_> = documents.iter().filter(|d| d.has_doctype()).collect();
        assert!(typed.len() > 1_500, "only {} found", typed.len());
        let wrong: Vec<_> =
            typed.iter().filter(|d| accepted(d) && !d.mentions_doctype_only()).map(|d| &d.path).collect();
        assert!(wrong.is_empty(), "accepted: {wrong:?}");
    }
}
