//! Seals: their layout, public vectors, and what is refused.

use std::sync::LazyLock;

use sm2::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _, LineEnding};

use super::*;
use crate::adapter::plan::{SealKey, SealSide};

/// A private SM2 key that is nobody's.
static PRIVATE: LazyLock<String> = LazyLock::new(|| {
    let secret = sm2::SecretKey::from_slice(&[7; 32]).expect("a key");
    secret.to_pkcs8_pem(LineEnding::LF).expect("PEM").to_string()
});

fn plan(algorithm: SealAlgorithm, side: SealSide, place: &str) -> SealPlan {
    SealPlan {
        name: "a seal".to_owned(),
        algorithm,
        key: 0,
        user_id: "1234567812345678".to_owned(),
        place: parse(side, place).expect("a place"),
    }
}

fn sealed(plan: &SealPlan, key: &str, message: &[u8]) -> Vec<u8> {
    let mut out = b"head".to_vec();
    out.extend_from_slice(message);
    put(plan, key, &mut out, 4).expect("a seal");
    out.split_off(4)
}

fn before() -> SealPlan {
    plan(SealAlgorithm::HmacSha256, SealSide::Before, "KM-SEAL-1 {hex}\n")
}

#[test]
fn the_layout_is_the_documented_one() {
    // HMAC-SHA-256 of RFC 4231, test case 2.
    let message = "what do ya want for nothing?";
    let code = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let text = |plan: &SealPlan| String::from_utf8(sealed(plan, "Jefe", message.as_bytes())).expect("ASCII");
    assert_eq!(text(&before()), format!("KM-SEAL-1 {code}\n{message}"));
    let after = plan(SealAlgorithm::HmacSha256, SealSide::After, "||{HEX}##");
    assert_eq!(text(&after), format!("{message}||{}##", code.to_uppercase()));
    let base64 = plan(SealAlgorithm::HmacSha256, SealSide::After, "\n{base64}");
    assert_eq!(text(&base64), format!("{message}\nW9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="));
}

#[test]
fn sm3_is_that_of_the_standard() {
    // Computed with OpenSSL: printf abc | openssl dgst -sm3 -hmac key
    let mac = hmac_sm3("key", b"abc").expect("a code");
    assert_eq!(
        data_encoding::HEXLOWER.encode(&mac),
        "28e63256e7c5a087b1f073265dc53092163f7b82729735d06f28f10af9d52393"
    );
}

#[test]
fn a_seal_opens_with_its_key_only_and_says_where_it_is_wrong() {
    let (plan, bytes) = (before(), sealed(&before(), "k1", b"<CMS/>"));
    assert_eq!(open(&plan, "k1", &bytes, 0), Ok((&b"<CMS/>"[..], bytes.len() - 6)));
    let refusal = open(&plan, "k2", &bytes, 5).expect_err("another key");
    assert_eq!((refusal.code, refusal.at), ("seal", Some(15)));
}

#[test]
fn any_changed_byte_and_every_prefix_is_refused() {
    for (side, place) in [
        (SealSide::Before, "KM-SEAL-1 {hex}\n"),
        (SealSide::Before, "{base64}|"),
        (SealSide::After, "||{HEX}"),
        (SealSide::After, "<sign>{base64}</sign>"),
        (SealSide::After, "&sign={base64}"),
    ] {
        for (algorithm, key) in [
            (SealAlgorithm::HmacSha256, "k1"),
            (SealAlgorithm::HmacSm3, "k1"),
            (SealAlgorithm::Sm2Sm3, PRIVATE.as_str()),
            (SealAlgorithm::Sm2Sm3Der, PRIVATE.as_str()),
        ] {
            let plan = plan(algorithm, side, place);
            let bytes = sealed(&plan, key, "<a>张三</a>".as_bytes());
            assert_eq!(open(&plan, key, &bytes, 0).map(|(inner, _)| inner), Ok("<a>张三</a>".as_bytes()));
            for at in 0..bytes.len() {
                let mut changed = bytes.clone();
                changed[at] ^= 0x20;
                assert!(open(&plan, key, &changed, 0).is_err(), "{algorithm:?} {place} byte {at}");
                assert!(open(&plan, key, &bytes[..at], 0).is_err(), "{algorithm:?} {place} prefix {at}");
            }
        }
    }
}

#[test]
fn a_place_says_for_certain_where_the_digits_end() {
    for (side, wrong) in [
        (SealSide::Before, "SEAL {hex}"),
        (SealSide::Before, "SEAL {hex}a"),
        (SealSide::Before, "{base64}+"),
        (SealSide::Before, "{base64}=|"),
        (SealSide::After, "{hex}"),
        (SealSide::After, "d{hex}|"),
        (SealSide::After, "SEAL\n"),
        (SealSide::After, "章|{hex}"),
        (SealSide::After, "|{hex}章"),
        (SealSide::After, "|{hex}{hex}"),
    ] {
        assert_eq!(parse(side, wrong), None, "{wrong}");
    }
    assert!(parse(SealSide::Before, "{hex}A").is_some(), "not one of the lower-case digits");
}

#[test]
fn a_key_is_of_its_algorithm_and_of_its_half() {
    let public = sm2_public_pem();
    for (algorithm, half, key, fits) in [
        (SealAlgorithm::Sm2Sm3, SealKey::Own, PRIVATE.as_str(), true),
        (SealAlgorithm::Sm2Sm3, SealKey::Bank, PRIVATE.as_str(), true),
        (SealAlgorithm::Sm2Sm3Der, SealKey::Bank, public.as_str(), true),
        (SealAlgorithm::Sm2Sm3, SealKey::Own, public.as_str(), false),
        (SealAlgorithm::RsaSha256, SealKey::Own, PRIVATE.as_str(), false),
        (SealAlgorithm::RsaSha256, SealKey::Bank, public.as_str(), false),
        (SealAlgorithm::Sm2Sm3, SealKey::Own, "any text", false),
        (SealAlgorithm::HmacSm3, SealKey::Own, "any text", true),
        (SealAlgorithm::HmacSm3, SealKey::Own, "", false),
    ] {
        assert_eq!(takes(algorithm, half, key), fits, "{algorithm:?} {half:?}");
    }
}

fn sm2_public_pem() -> String {
    keys::sm2_public(&PRIVATE).expect("a key").to_public_key_pem(LineEnding::LF).expect("PEM")
}

#[test]
fn whoever_seals_is_part_of_the_seal() {
    let plan = plan(SealAlgorithm::Sm2Sm3, SealSide::After, "|{hex}");
    let bytes = sealed(&plan, PRIVATE.as_str(), b"message");
    let other = SealPlan { user_id: "another".to_owned(), ..plan.clone() };
    assert!(open(&plan, PRIVATE.as_str(), &bytes, 0).is_ok() && open(&other, PRIVATE.as_str(), &bytes, 0).is_err());
}

#[test]
fn the_signature_of_the_standard_is_taken() {
    // GB/T 32918.5, annex A.2: the recommended curve, "message digest", identifier 1234567812345678.
    let key = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoEcz1UBgi0DQgAECfnfMR5UIaFQ3X0WHkvFxnIXn60YM/wHa7CP81bzUCDM6kkM4md1pS3G6nGMwapgCu0F+/NeCEpmMvYHLamtEw==\n-----END PUBLIC KEY-----\n";
    let plan = plan(SealAlgorithm::Sm2Sm3, SealSide::After, "|{HEX}");
    let r = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3";
    let s = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA";
    let sealed = format!("message digest|{r}{s}");
    assert!(open(&plan, key, sealed.as_bytes(), 0).is_ok());
    assert!(open(&plan, key, sealed.replace("digest", "digesT").as_bytes(), 0).is_err());
}
