# The canonical language: what is wrong, by which rule. Never the offending value.

# JSON
message-json-too-large = a document has at most { $max } bytes
message-json-not-utf8 = the document must be UTF-8
message-json-byte-order-mark = the document must not begin with a byte order mark
message-json-after-end = nothing may follow the end of the document
message-json-ends-early = the document ends too early
message-json-value-expected = a JSON value is expected here
message-json-name-expected = a member name in double quotes is expected here
message-json-colon-expected = a colon is expected here
message-json-comma-expected = a comma or a closing bracket is expected here
message-json-digit-expected = a digit is expected here
message-json-leading-zero = a number must not begin with a needless 0
message-json-control-in-text = control characters in a string must be escaped
message-json-escape = not an escape sequence
message-json-lone-surrogate = half of a surrogate pair is not a character
message-json-too-deep = at most { $max } arrays and objects inside each other
message-json-too-many-members = an object has at most { $max } members
message-member-repeated = a member name may occur once in an object
message-member-unknown = no such member is allowed here
message-field-missing = this field is required
message-type-object = a JSON object is expected
message-type-text = a string is expected
message-type-integer = an integer is expected (without quotes)
message-type-boolean = true or false is expected

# Numbers and money
message-number-not-whole = an integer in digits only is expected, without point or exponent
message-number-too-large = the number is too large
message-item-number = an item number is an integer from 1 on
message-amount-not-positive = the amount must be more than 0 fen
message-amount-too-large = the amount is at most { $max } fen

# Text
message-text-empty = must not be empty; leave out what says nothing
message-text-too-long = at most { $max } characters
message-text-character = has a character that is not allowed (control, invisible or replacement character)
message-text-blank-end = must not begin or end with a blank
message-code-unknown = must be one of { $known }

# Documents, accounts, banks, dates
message-document-form-resident = a resident identity number has 17 digits and then a digit or X, and does not begin with 81, 82 or 83
message-document-form-resident-15 = an old resident identity number has 15 digits
message-document-form-hmt = the number of a residence permit for Hong Kong, Macao and Taiwan residents begins with 810000, 820000 or 830000 and has 18 characters
message-document-form-permanent-residence = a permanent residence number has 3 capital letters and 12 digits, or 18 characters beginning with 9
message-document-birth-date = the birth date in the number does not exist
message-document-check-digit = the check digit of the number does not match
message-account-form = an account number has 1 to 32 digits, letters or hyphens
message-card-form = a card number has 13 to 19 digits
message-card-check-digit = the check digit of the card number does not match
message-cnaps-form = a CNAPS bank number has 12 digits
message-cnaps-check-digit = the check digit of the bank number does not match
message-fund-form = an insurance kind has 1 to 8 digits or capital letters
message-period-form = a benefit month is a real month in six digits (yyyymm)
message-day-form = a day is written yyyy-mm-dd, in the years 1900 to 2099
message-day-calendar = the calendar has no such day
message-region-form = a division is six digits
message-card-number-form = a social security card's number is nine digits, or a capital letter and eight digits
message-card-code-form = a card's identification code is six digits and 26 hexadecimal digits in capitals
message-fee-negative = a fee is nothing or more
message-bank-form = a paying bank has 2 to 16 small letters, digits or hyphens
message-time-form = a time is RFC 3339 with an offset, like 2022-03-01T09:30:00+08:00
message-date-form = a date is a real one, like 2022-03-01 or 20220301

# Why a payment did not happen (the county's codes)
message-reason-102 = no such personal number
message-reason-103 = the account number is wrong or does not exist
message-reason-104 = the identity number does not match
message-reason-105 = the name does not match the account
message-reason-201 = wrong number of the payment notice
message-reason-202 = wrong pooling area
message-reason-203 = the recipient does not match
message-reason-204 = the personal number does not match the identity number
message-reason-205 = the personal number does not match the name
message-reason-206 = wrong number
message-reason-207 = no such payment record
message-reason-208 = the amount paid differs from the amount received
message-reason-209 = the same file was submitted before
message-reason-210 = the bank could not pay
message-reason-211 = the account is closed, reported lost, not linked or not fit
