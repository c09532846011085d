//! The notation as text: TOML with spans, the value grammar, pictures, templates. Nothing here knows what a value means.

pub(crate) mod picture;
pub(crate) mod reader;
pub(crate) mod template;
pub(crate) mod value;
