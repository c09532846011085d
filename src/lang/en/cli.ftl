# Words of the cli part. Keys begin with cli-.

cli-about = kuimen (夔门): a TLS gateway and message translator between a county's social insurance system and its banks
cli-help-template = {"{"}about-with-newline{"}"}
    Usage: {"{"}usage{"}"}

    {"{"}all-args{"}"}{"{"}after-help{"}"}
cli-help-commands = Commands
cli-help-arguments = Arguments
cli-help-values = {" "}[one of: { $values }]
cli-help-default = {" "}[default: { $value }]
cli-help-options = Options
cli-exit-codes = Exit codes: 0 all in order · 1 something was found (a violation, a faulty adapter, a fen off) · 64 command line · 65 bad message · 66 input missing or unreadable · 69 something needed is away · 70 our own fault · 74 disk · 78 configuration

cli-arg-json = Print one JSON value instead of words
cli-arg-lang = Language of everything a person reads: zh or en (default: from LC_ALL, LC_MESSAGES, LANG)
cli-arg-help = Print help
cli-arg-version = Print the version
cli-arg-adapters = Folder of adapters instead of the built-in ones
cli-arg-bank = The bank: the name of its adapter
cli-arg-operation = The operation, for example payment.pay or card.query
cli-arg-message = Which message: the request or the reply
cli-arg-body = The file holds only the message body, without frame or form
cli-arg-context = JSON file with serial, sent_at, business_date, item_number, settings, original
cli-arg-file = The message, or - for standard input
cli-arg-dir = The data directory

cli-demo = Play an invented county: gateway, banks that misbehave, a run of payments, and the accounts to the fen
cli-demo-once = End by itself; exit 0 only if nothing was doubled, lost or off by a fen
cli-demo-payments = How many payments
cli-demo-seed = Seed of people, amounts and misbehaviour
cli-demo-faults = How much the banks misbehave
cli-demo-data-dir = Where to keep everything (default: a temporary folder, removed at the end)
cli-demo-log = What to log on standard error: off, info, kuimen=debug and the like
cli-serve = Run the gateway
cli-serve-config = The configuration (kuimen.toml)
cli-translate = Translate one message to the bank's bytes or back
cli-translate-to = Which form is wanted
cli-explain = Show every byte of a message: field, picture, value, canonical field; point at the fault if there is one
cli-explain-reveal = Show personal data instead of masks
cli-adapter = Work on adapter folders
cli-adapter-check = Load adapters, prove them, and try their samples both ways
cli-adapter-manual = Write the interface manual of a bank (Markdown, or HTML)
cli-adapter-manual-dir = Adapter folder, or the name of a built-in adapter
cli-adapter-manual-html = HTML instead of Markdown
cli-adapter-describe = Print the whole checked plan as JSON
cli-adapter-operations = Show which operation which bank carries, and on what evidence (Markdown)
cli-adapter-check-dir = Adapter folders (default: all)
cli-simulate = Run a bank made from its adapter, with a ledger of its own
cli-simulate-listen = Address to listen on; port 0 picks one, which is printed
cli-simulate-data-dir = Folder of the ledger
cli-simulate-certs = Folder of certificates, as written by `kuimen certs dev`
cli-simulate-duplicates = Refuse repeated serials (default: as the adapter says)
cli-verify = Prove a data directory: exit 0 clean, 1 violation, 66 unreadable
cli-verify-key = The key file (default: keys/journal.key in the data directory)
cli-verify-acked = Message ids that were acknowledged, one a line: all must be there
cli-verify-sent = What banks saw, as bank, business date, serial, SHA-256 separated by TAB: each must have its intent
cli-export = Print the messages of a data directory
cli-export-ndjson = One JSON object a line
cli-certs = Certificates
cli-certs-dev = Write a development authority with certificates for gateway, agency and banks
cli-certs-dir = The folder to write
cli-certs-bank = A bank that gets a server certificate (default: every adapter)
cli-config = Configurations
cli-config-check = Read a configuration and show every fault at once
cli-schema = Schemas
cli-schema-export = Write JSON Schema and OpenAPI
cli-schema-dir = The folder to write

cli-usage-unknown-argument = unknown argument { $argument }; see --help
cli-usage-unknown-command = unknown command { $command }; see --help
cli-usage-missing = missing: { $argument }; see --help
cli-usage-value = { $argument }: the value “{ $value }” is not possible; see --help
cli-usage-other = the command line cannot be read ({ $argument }); see --help

cli-input-unreadable = { $file } cannot be read: { $cause }
cli-input-too-long = { $file } is too long for one message

cli-verify-closed = closed in order: every file was compared with the manifest
cli-verify-not-closed = not closed: checked by the chain only
cli-verify-looked = { $messages } messages, { $records } records, { $bodies } bodies; { $acked-count } promised and { $sent-count } sent looked for
cli-verify-sums = { $bank }: instructed { $instructed } fen = succeeded { $succeeded } + failed { $failed } + manual { $manual } + open { $open } + others
cli-verify-clean = clean
cli-verify-violations = { $count } violations
cli-certs-written = certificates for development written to { $dir }
cli-not-written = could not be written: { $cause }

cli-no-such-adapter = no adapter called { $adapter }; there are: { $known }
cli-no-such-operation = { $bank } has no operation { $operation }
cli-context-missing = the context gives no { $name }

cli-serve-invented = { $bank }: { $what } in { $file }, line { $line }, is invented; allow_invented = true permits it and marks the data directory as simulation for ever
cli-serve-legacy = { $bank }: its adapter uses { $algorithm }, which is broken; legacy = ["{ $algorithm }"] in [bank.{ $bank }] permits it on this link
cli-serve-setting = { $bank }: the setting { $name } does not fit its picture
cli-serve-up = listening { $address }
cli-serve-stopped = not started: { $cause }
cli-config-fine = no faults; banks configured: { $banks }
cli-demo-trouble = the demonstration could not be played: { $cause }
cli-demo-instructing = instructing
cli-demo-settling = all instructed, waiting for outcomes
cli-demo-up = the gateway is up, Ctrl-C ends it
cli-demo-col-waiting = waiting
cli-demo-col-in-hand = in hand
cli-demo-col-unknown = unknown
cli-demo-col-bank = bank
cli-demo-col-accepted = accepted
cli-demo-col-succeeded = succeeded
cli-demo-col-failed = failed
cli-demo-col-manual = manual
cli-demo-col-open = open
cli-demo-col-doubled = doubled
cli-demo-col-lost = lost
cli-demo-col-instructed = instructed (yuan)
cli-demo-col-paid = succeeded (yuan)
cli-demo-total = total
cli-demo-clean = Nothing was doubled, nothing was lost, not a fen is missing. (演示数据: invented data)
cli-demo-not-clean = THE ACCOUNTS DO NOT BALANCE. (演示数据: invented data)
cli-demo-errands = Beside the payments: { $told } notices of banks taken down; { $asked } errands and entries asked: { $done } done, { $failed } refused, { $people } with people; lost: { $lost }. Came back after it was paid: { $returned } yuan
cli-demo-findings = The county's rules found: { $rules }
cli-demo-took = { $seconds } s; policy time ran { $factor } times faster
cli-demo-stays = The gateway stays up until Ctrl-C. Data: { $dir }
    Try: { $command }

cli-report = How far the county's plan has come: targets, first exchanges, outlets, activation
cli-report-rollout = The three targets, by fund, township and bank
cli-report-first-cards = First cards and first exchanges, to settle with the card centre
cli-report-outlets = Cards by bank and outlet
cli-report-activation = People whose bank should help them to activate their card
cli-report-county = the county's file (an example: conformance/county/county.toml)
cli-report-recipients = the register of recipients, CSV: id,township,since,card
cli-report-from = the first day, yyyy-mm-dd; January 1 of the last day's year if absent
cli-report-as-of = the last day, yyyy-mm-dd; today if absent
cli-report-xlsx = write an .xlsx as well
cli-report-svg = write an SVG picture as well
cli-report-no-picture = there is no picture of this report
cli-report-days = the first day must not be after the last
cli-output-unwritable = { $file } cannot be written: { $cause }
