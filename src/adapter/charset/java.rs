//! Where Java's "GBK" reads a two-byte code differently from the WHATWG index: 101 of 23,940 codes.
//!
//! Java kept the table of the 1990s: characters that Unicode took in later are private-use code points there, `A3A0` is one
//! as well, and `A892` is ♁ instead of ⊕. The list is what `tests/charset/Gbk.java` prints when it is given the index; a test
//! runs the program and compares both this list and every code point and code.

/// First code, what Java reads there, and how many codes in a row go on like that in both columns.
#[rustfmt::skip]
pub(super) const DIFFERENCES: [(u16, u16, u16); 14] = [
    (0xA3A0, 0xE5E5, 1),
    (0xA6D9, 0xE78D, 7),
    (0xA6EC, 0xE794, 2),
    (0xA6F3, 0xE796, 1),
    (0xA892, 0x2641, 1),
    (0xA8BC, 0xE7C7, 1),
    (0xA8BF, 0xE7C8, 1),
    (0xA989, 0xE7E7, 13),
    (0xFE50, 0xE815, 1),
    (0xFE54, 0xE819, 24),
    (0xFE6D, 0xE832, 9),
    (0xFE77, 0xE83C, 8),
    (0xFE80, 0xE844, 17),
    (0xFE92, 0xE856, 15),
];

/// Each differing code with the code point that Java reads in it.
pub(super) fn differences() -> impl Iterator<Item = (u16, u16)> {
    DIFFERENCES
        .into_iter()
        .flat_map(|(code, character, length)| (0..length).map(move |offset| (code + offset, character + offset)))
}
