//! Seals: how they are made, and where they stand.

/// How a seal is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealAlgorithm {
    /// HMAC with SHA-256 (RFC 2104).
    HmacSha256,
    /// HMAC with SM3 (GB/T 15852.2).
    HmacSm3,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017), 2,048 bits or more.
    RsaSha256,
    /// SM2 with SM3 (GB/T 32918.2), r and s side by side, 64 bytes.
    Sm2Sm3,
    /// The same as a DER sequence of two integers (GB/T 35276).
    Sm2Sm3Der,
}

impl SealAlgorithm {
    /// All of them.
    pub const ALL: [SealAlgorithm; 5] = [
        SealAlgorithm::HmacSha256,
        SealAlgorithm::HmacSm3,
        SealAlgorithm::RsaSha256,
        SealAlgorithm::Sm2Sm3,
        SealAlgorithm::Sm2Sm3Der,
    ];

    /// Its name in the notation.
    pub const fn name(self) -> &'static str {
        match self {
            SealAlgorithm::HmacSha256 => "hmac-sha256",
            SealAlgorithm::HmacSm3 => "hmac-sm3",
            SealAlgorithm::RsaSha256 => "rsa-sha256",
            SealAlgorithm::Sm2Sm3 => "sm2-sm3",
            SealAlgorithm::Sm2Sm3Der => "sm2-sm3-der",
        }
    }

    /// Whether each side has a key of its own and shows the other only half of it.
    pub const fn has_pairs(self) -> bool {
        match self {
            SealAlgorithm::HmacSha256 | SealAlgorithm::HmacSm3 => false,
            SealAlgorithm::RsaSha256 | SealAlgorithm::Sm2Sm3 | SealAlgorithm::Sm2Sm3Der => true,
        }
    }

    /// Whether the user's identifier is part of what is sealed.
    pub const fn has_user_id(self) -> bool {
        matches!(self, SealAlgorithm::Sm2Sm3 | SealAlgorithm::Sm2Sm3Der)
    }
}

/// Whose key a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealKey {
    /// Ours: we seal with it.
    Own,
    /// The bank's: we check with it.
    Bank,
}

/// A seal around a whole message, for one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealPlan {
    /// Its name.
    pub name: String,
    /// How it is made.
    pub algorithm: SealAlgorithm,
    /// Index in `Adapter::settings` of the key of whoever writes the message.
    pub key: usize,
    /// SM2: the identifier of whoever seals.
    pub user_id: String,
    /// Where it stands.
    pub place: SealPlace,
}

/// Where a seal stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealPlace {
    /// Before the message or behind it.
    pub side: SealSide,
    /// What stands before the digits.
    pub open: String,
    /// How the code is spelled.
    pub spelling: SealSpelling,
    /// What stands behind the digits.
    pub close: String,
}

impl SealPlace {
    /// A sealed message as a template: `SEAL {hex}|{message}`.
    pub fn template(&self) -> String {
        let SealPlace { side, open, spelling, close } = self;
        let digits = match spelling {
            SealSpelling::HexLower => "{hex}",
            SealSpelling::HexUpper => "{HEX}",
            SealSpelling::Base64 => "{base64}",
        };
        match side {
            SealSide::Before => format!("{open}{digits}{close}{{message}}"),
            SealSide::After => format!("{{message}}{open}{digits}{close}"),
        }
    }
}

/// On which side of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealSide {
    /// Before it.
    Before,
    /// Behind it.
    After,
}

/// How the code of a seal is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealSpelling {
    /// Hexadecimal digits, lower-case.
    HexLower,
    /// Hexadecimal digits, upper-case.
    HexUpper,
    /// Base64 with padding, without line breaks.
    Base64,
}
