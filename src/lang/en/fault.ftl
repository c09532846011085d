# What is wrong with an adapter folder. The rest of a key behind adapter-fault- is the fault's code.
adapter-fault-absent-but-present = { $field } is declared absent but is written
adapter-fault-absent-reason-empty = a field declared absent needs a reason
adapter-fault-ambiguous-alternative = the name { $name } also belongs to a sibling: reading cannot tell them apart
adapter-fault-amount-needs-conversion = an amount needs | fen or | yuan (only a V99 picture may go without)
adapter-fault-binary-picture = binary is only for B(n)
adapter-fault-binary-too-wide = a binary number has at most 8 bytes
adapter-fault-braces = braces do not match
adapter-fault-by-no-literal = k:by names an attribute of the element that holds a literal text; { $name } is none
adapter-fault-cnaps = not a valid CNAPS number of 12 digits
adapter-fault-conversion-arguments = the conversion's arguments are not right
adapter-fault-conversion-unfit = this conversion does not fit this value
adapter-fault-correlation-empty = name at least one echoed value, or write "connection"
adapter-fault-correlation-kept = with connection = "kept" a connection cannot tell answers apart
adapter-fault-correlation-not-ours = this value is not one that we sent: it cannot tell whether an answer is ours
adapter-fault-correlation-optional = { $name } is not in every answer, so it cannot tell whether one is ours
adapter-fault-date-pattern = not a date pattern: yyyy MM dd HH mm ss SSS, each once at most; a date has year, month, day and no time
adapter-fault-delimited-not-last = a delimited part without trailing delimiter must be the last
adapter-fault-delimiter = a delimiter is one ASCII character, and not together with repeat
adapter-fault-demo-unfit = the demo value does not fit its picture ({ $room } bytes)
adapter-fault-directive-misplaced = the directive { $name } has no meaning here
adapter-fault-directive-unknown = there is no directive { $name }
adapter-fault-directive-value = not a value of the directive { $name }
adapter-fault-discriminator-differs = the field { $name } must have the same picture in every variant
adapter-fault-discriminator-not-first = the first field of a variant must be { $name }
adapter-fault-duplicate-field = the field name { $name } stands twice
adapter-fault-duplicate-key = the key stands twice
adapter-fault-duplicate-sibling = the element { $name } stands twice under one parent
adapter-fault-encoding-not-declared = the encoding { $encoding } is not in wire.declared
adapter-fault-field-unmapped = { $field } is neither written nor declared in [absent]
adapter-fault-fill-ambiguous = this fill can be mistaken for the value: digits to its right, or digits other than 0 in a number
adapter-fault-fill-not-ascii = a fill is one ASCII character, or "NUL"
adapter-fault-form-body = a form has exactly one field with body = true; found { $found }
adapter-fault-frame-header-varies = the fields of a frame header have fixed widths
adapter-fault-frame-length = a frame header has exactly one frame.length; found { $found }
adapter-fault-frame-length-narrow = the length field cannot hold the longest message, { $max }
adapter-fault-frame-on-http = there is no [frame] with transport = "http"
adapter-fault-end-tag = an end tag is written </NAME>, in ASCII letters and digits
adapter-fault-frame-size = a fixed frame has between 1 and { $max } bytes
adapter-fault-gap = the fields before end at { $computed }, this says { $declared }: a gap
adapter-fault-http-on-tcp = there is no [http] with transport = "tcp"
adapter-fault-instant-needs-date = an instant needs | date PATTERN
adapter-fault-items-what = after items comes | count or | sum amount
adapter-fault-items-without-group = a delivery may carry several payments (delivery.items) but the request has no group
adapter-fault-key-not-secret = a setting that is a key is declared secret = true
adapter-fault-literal-delimiter = the literal holds the delimiter
adapter-fault-literal-picture = the literal does not fit the picture
adapter-fault-literal-too-long = the literal has { $length } bytes, the field has { $room }
adapter-fault-mac-field = the MAC covers { $name }, which is not in this record or is the MAC itself
adapter-fault-mac-key = the demo value of this setting is no key of { $algorithm }
adapter-fault-map-not-one-to-one = the map is not one to one: this value stands there already
adapter-fault-missing-key = { $key } is missing
adapter-fault-mixed-content = an element has either children or text
adapter-fault-mixed-value = one place holds one literal or one {"{"}value{"}"}, not both
adapter-fault-no-main-file = there is no adapter.toml
adapter-fault-no-operation = there is no payment.pay.toml
adapter-fault-no-without-source = occurred = "no" needs a source: nothing is called failed without evidence
adapter-fault-not-in-group = item. is only for repeated groups
adapter-fault-not-one-of = one of: { $allowed }
adapter-fault-not-read = the reply does not read { $name }
adapter-fault-not-utf8 = the file is not UTF-8 (from byte { $offset })
adapter-fault-offset-varies = a field before varies in width: no position can be declared
adapter-fault-one-condition = a condition is a text, or one of not, contains, any, present
adapter-fault-one-content = exactly one of from, is, skip (in a form: from, is, body)
adapter-fault-outcome-unreachable = this rule is never reached
adapter-fault-overlap = the fields before end at { $computed }, this says { $declared }: an overlap
adapter-fault-picture-syntax = a picture is X(n), 9(n), 9(n)V99, G(n), LLVAR(n), LLLVAR(n) or B(n); not all of them everywhere
adapter-fault-picture-unfit = this value cannot stand in this picture
adapter-fault-query-not-supported = there is a payment.query.toml, but query.supported is not true
adapter-fault-query-without-file = query.supported = true, but there is no payment.query.toml
adapter-fault-reason-code = a reason code is 4 capital letters or digits
adapter-fault-repeat-order = where the group ends cannot be told: one group only, last or counted before, never nested
adapter-fault-repeat-what = repeat is "items" or a number
adapter-fault-repeat-without-items = a group with repeat = "items" holds no item. value
adapter-fault-resend-beyond-window = the resend horizon must be below the { $days } days for which the bank remembers serials
adapter-fault-secret-in-target = a secret must not stand in a request target
adapter-fault-serial-field-narrow = the field has { $room } bytes, the serial { $width }
adapter-fault-serial-not-sent = the request carries no serial (a query: the original's)
adapter-fault-serial-too-narrow = the serial has { $width } characters, this rule needs { $least }
adapter-fault-setting-too-wide = the setting may have { $width } bytes, the field has { $room }, or takes digits only
adapter-fault-single-in-group = in a group, or where a delivery carries several payments, write item.
adapter-fault-size-mismatch = { $size } bytes are declared, the fields add up to { $sum }
adapter-fault-skip-too-long = the skip text has { $length } bytes, the field has { $room }
adapter-fault-source-label = a source is seen: …, peer: …, inferred: … or invented
adapter-fault-source-not-here = this value does not exist here
adapter-fault-split-ambiguous = the first parts of two cases have the same width: reading cannot tell them apart
adapter-fault-split-no-part = there are { $parts } parts
adapter-fault-split-not-covering = the case { $code } is missing
adapter-fault-split-on = on names a field that is a code
adapter-fault-split-part-missing = part { $part } is not written
adapter-fault-split-parts = every case has the same number of parts
adapter-fault-target = a request target begins with / and holds visible ASCII only
adapter-fault-template = the template is not well-formed XML ({ $rule })
adapter-fault-template-missing = there is no file { $name }
adapter-fault-toml = not TOML: { $why }
adapter-fault-two-layouts = either xml or parts
adapter-fault-unknown-algorithm = the known algorithms are { $known }
adapter-fault-unknown-charset = no such charset; there are: { $known }
adapter-fault-unknown-code = not a code of { $field }
adapter-fault-unknown-constant = there is no constant { $name }
adapter-fault-unknown-conversion = there is no conversion { $name }
adapter-fault-unknown-field = there is no such field
adapter-fault-unknown-file = nothing refers to this file
adapter-fault-unknown-key = { $key } is not a key of this table
adapter-fault-unknown-mac = there is no [macs.{ $name }]
adapter-fault-unknown-map = there is no [maps.{ $name }]
adapter-fault-record-shared = { $name } is already the name of a record that all operations share
adapter-fault-unknown-part = there is no record { $name }
adapter-fault-unknown-seal = there is no [seals.{ $name }]
adapter-fault-unknown-setting = there is no such setting in [settings]
adapter-fault-unknown-source = there is no such value
adapter-fault-unknown-split = there is no [splits.{ $name }]
adapter-fault-unknown-table = there is no [codes.{ $name }]
adapter-fault-unmappable = a character does not exist in the charset, or there is none
adapter-fault-unreachable-variant = the variant { $name } is never chosen
adapter-fault-unreadable-folder = the folder cannot be read: { $why }
adapter-fault-unused = nothing uses { $name }
adapter-fault-value-syntax = write a source, or source | conversion
adapter-fault-variants-without-part = there is no "variant" among the parts
adapter-fault-variants-without-star = there is no "*" among the variants: other values could not be read
adapter-fault-verdict-contradiction = not_found and duplicate go with occurred = "unknown" only
adapter-fault-written-twice = one field is written in two ways
adapter-fault-wrong-type = this is a { $found }, a { $wanted } is needed
adapter-fault-zero = not 0

adapter-setting-unfit = the setting does not fit its picture ({ $room } bytes)

adapter-fault-bit-missing = { $name } stands behind a bitmap and names no bit
adapter-fault-bit-number = bits rise from 2 to 128, without 65
adapter-fault-bit-without-bitmap = a bit belongs to a part with bitmap = true
adapter-fault-bitmap-alone = a bitmap has neither size, delimiter nor repetition
adapter-fault-packed-delimited = packed or signed digits cannot stand between delimiters
adapter-fault-packed-fill = packed and signed digits are filled with zeros on the left
adapter-fault-seal-bank-key = the bank writes this message, and the seal names no bank_key to check it with
adapter-fault-seal-no-place = a seal stands somewhere: before = "…" or after = "…"
adapter-fault-seal-place = a place is ASCII text with one of {"{hex}"}, {"{HEX}"}, {"{base64}"}, and between digits and message stands a character that is no such digit
adapter-fault-seal-two-places = a seal stands before the message or after it, not both
adapter-fault-sign = two different characters for S9(n): the sign of what is not negative, then of what is

# What samples and generated messages show. The rest of a key behind adapter-check- is the finding's code.
adapter-check-bytes-differ = { $file }: the bytes written differ from the sample at byte { $at }
adapter-check-context = the sample's context.json is missing something or wrong: { $why }
adapter-check-differs = { $file }: what is read differs from the sample: { $fields }
adapter-check-error = error
adapter-check-generated-differs = generated message { $number } came back with another { $field }
adapter-check-generated-none = not one generated message could be written: { $why }
adapter-check-generated-unreadable = generated message { $number } was written and cannot be read: { $code } { $field }
adapter-check-not-refused = accepted, though it is to be refused with { $code }
adapter-check-prefix-accepted = the first { $length } bytes are taken for a whole message
adapter-check-problem-file = a problem.json has message (request or reply) and code
adapter-check-refused = { $file } is refused: { $code } { $place }
adapter-check-refused-otherwise = to be refused as { $wanted }, refused as { $found }
adapter-check-reply-differs = { $file }: the reply read differs from reply.json
adapter-check-reply-json = reply.json is wrong: { $code }
adapter-check-request-json = request.json is wrong: { $code }
adapter-check-sample-missing = no sample shows { $class }
adapter-check-summary = { $id }: { $samples } samples, { $translations } translations, { $prefixes } cut messages refused, { $generated } generated messages came back as they went, { $refused } were refused as not carried by this bank
adapter-check-unknown-operation = the adapter does not have this operation
adapter-check-warning = warning
