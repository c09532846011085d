//! The shape of an adapter's description, published and frozen: `adapter describe --json` prints such a document.

use serde_json::{Value, json};

use super::DIALECT;
use crate::adapter::describe::SHAPE;

/// The schema of the description of an adapter. Within a shape members are added and never change their meaning.
pub fn description() -> Value {
    let text = || json!({ "type": "string" });
    let count = || json!({ "type": "integer", "minimum": 0 });
    let flag = || json!({ "type": "boolean" });
    let list = |of: &str| json!({ "type": "array", "items": { "$ref": format!("#/$defs/{of}") } });
    let pairs = || json!({ "type": "array", "items": { "type": "array", "minItems": 2, "maxItems": 2, "items": { "type": "string" } } });
    let object = |required: &[&str], properties: Value| json!({ "type": "object", "required": required, "properties": properties });
    json!({
        "$schema": DIALECT,
        "$id": "urn:kuimen:schema:adapter.description",
        "title": "adapter.description",
        "type": "object",
        "required": ["shape", "id", "digest", "party", "wire", "serial", "query", "delivery", "settings", "operations", "invented"],
        "properties": {
            "shape": { "const": SHAPE },
            "id": text(),
            "digest": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
            "party": object(
                &["zh", "en", "cnaps", "evidence", "example"],
                json!({ "zh": text(), "en": text(), "cnaps": text(), "evidence": text(), "example": flag() }),
            ),
            "wire": object(
                &["transport", "charset", "reply_charset", "declared", "max_bytes", "one_request"],
                json!({
                    "transport": { "enum": ["tcp", "http"] },
                    "charset": text(), "reply_charset": text(),
                    "declared": { "type": "array", "items": text() },
                    "max_bytes": count(), "one_request": flag(),
                    "frames": object(&["request", "reply"], json!({
                        "request": { "$ref": "#/$defs/frame" }, "reply": { "$ref": "#/$defs/frame" },
                    })),
                    "http": object(&["method", "target", "content_type", "form"], json!({
                        "method": text(), "target": text(), "content_type": text(), "form": pairs(),
                        "reply_prefix": text(), "reply_prefix_optional": flag(), "reply_base64": flag(),
                    })),
                }),
            ),
            "serial": object(&["picture", "rule", "scope", "refuses_duplicates", "window_days"], json!({
                "picture": text(), "rule": { "enum": ["wide", "narrow"] }, "scope": { "enum": ["ever", "day"] },
                "refuses_duplicates": flag(), "window_days": count(),
            })),
            "query": object(&["supported", "authoritative", "own_serial"], json!({
                "supported": flag(), "authoritative": flag(), "own_serial": flag(),
            })),
            "delivery": object(&["answer_seconds", "items", "resend_hours", "unknown_hours", "today_only"], json!({
                "answer_seconds": count(), "items": count(), "resend_hours": count(), "unknown_hours": count(), "today_only": flag(),
            })),
            "settings": { "type": "array", "items": object(&["name", "picture", "zh", "en", "secret"], json!({
                "name": text(), "picture": text(), "zh": text(), "en": text(), "secret": flag(),
            })) },
            "operations": list("operation"),
            "invented": { "type": "array", "items": object(&["file", "line", "what"], json!({
                "file": text(), "line": count(), "what": text(),
            })) },
        },
        "$defs": {
            "frame": object(&["kind"], json!({
                "kind": { "enum": ["prefix", "to-end", "fixed", "line", "end-tag"] },
                "header": list("field"), "counts_header": flag(), "bytes": count(), "tag": text(),
            })),
            "operation": object(
                &["operation", "zh", "en", "initiator", "request", "reply", "correlate", "outcome", "absent"],
                json!({
                    "operation": text(), "zh": text(), "en": text(), "initiator": { "enum": ["agency", "bank"] }, "source": text(),
                    "request": { "$ref": "#/$defs/message" }, "reply": { "$ref": "#/$defs/message" },
                    "correlate": { "type": "array", "items": text() },
                    "outcome": list("rule"),
                    "absent": pairs(),
                }),
            ),
            "message": object(&["charset"], json!({
                "charset": text(), "seal": text(), "seal_algorithm": text(), "seal_place": text(),
                "parts": list("part"), "declaration": text(), "elements": list("element"),
            })),
            "part": object(&["kind", "name"], json!({
                "kind": { "enum": ["literal", "fields", "items", "repeat", "delimited", "bitmap", "variant"] },
                "name": text(), "how": text(), "fields": list("field"),
            })),
            "field": object(&["name", "zh", "picture", "justify", "fill", "content"], json!({
                "bit": { "type": "integer", "minimum": 2, "maximum": 128 },
                "name": text(), "zh": text(), "picture": text(), "offset": count(), "bytes": count(),
                "justify": { "enum": ["left", "right"] }, "fill": { "type": "string", "pattern": "^[0-9a-f]{2}$" },
                "content": { "$ref": "#/$defs/content" },
            })),
            "content": object(&["kind"], json!({
                "kind": { "enum": ["literal", "skip", "value", "children", "record"] },
                "text": text(), "value": text(), "zh": text(), "how": text(), "map": pairs(), "parts": list("part"),
            })),
            "element": object(
                &["depth", "name", "content", "optional", "each", "any_order", "skip_others", "trim"],
                json!({
                    "depth": count(), "name": text(), "also": { "type": "array", "items": text() },
                    "attributes": { "type": "array", "items": {
                        "type": "array", "minItems": 2, "maxItems": 2, "prefixItems": [text(), { "$ref": "#/$defs/content" }],
                    } },
                    "content": { "$ref": "#/$defs/content" },
                    "optional": flag(), "each": flag(), "any_order": flag(), "skip_others": flag(), "trim": flag(),
                }),
            ),
            "rule": object(&["when", "means"], json!({
                "when": { "type": "array", "items": { "type": "array", "minItems": 3, "maxItems": 3, "items": text() } },
                "by": text(), "means": list("meaning"),
            })),
            "meaning": object(&["occurrence", "not_found", "duplicate", "zh", "en", "source"], json!({
                "code": text(), "occurrence": { "enum": ["YES", "NO", "IN_HAND", "UNKNOWN"] },
                "not_found": flag(), "duplicate": flag(), "reason": text(), "zh": text(), "en": text(), "source": text(),
            })),
        },
    })
}
