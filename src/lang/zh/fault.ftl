# What is wrong with an adapter folder. The rest of a key behind adapter-fault- is the fault's code.
adapter-fault-absent-but-present = { $field } 已声明为没有对应位置，却写进了报文
adapter-fault-absent-reason-empty = 声明没有对应位置时必须说明理由
adapter-fault-ambiguous-alternative = 元素名 { $name } 与同级的另一元素重复，读取时分不清
adapter-fault-amount-needs-conversion = 金额须注明 | fen 或 | yuan（只有带 V99 的格式可以不写）
adapter-fault-binary-picture = binary 只能用于 B(n)
adapter-fault-binary-too-wide = 二进制数最多 8 个字节
adapter-fault-braces = 花括号不成对
adapter-fault-by-no-literal = k:by 应指向本元素上写有固定文字的属性；{ $name } 不是
adapter-fault-cnaps = 不是有效的 12 位联行号
adapter-fault-conversion-arguments = 转换的参数不对
adapter-fault-conversion-unfit = 这种转换不适用于这个值
adapter-fault-correlation-empty = 至少要有一个回显值，或写 "connection"
adapter-fault-correlation-kept = connection = "kept" 时不能靠连接对应：一个连接上有多个应答
adapter-fault-correlation-not-ours = 这个值不是我方发出的，不能用来对应应答
adapter-fault-correlation-optional = { $name } 并非在每个应答里都有，不能用来对应应答
adapter-fault-date-pattern = 日期格式不对：yyyy MM dd HH mm ss SSS 各至多一次；日期须含年月日且不含时间
adapter-fault-delimited-not-last = 末尾没有分隔符的分隔记录必须是最后一部分
adapter-fault-delimiter = 分隔符须是一个 ASCII 字符，且不能与 repeat 同用
adapter-fault-demo-unfit = 演示值放不进它的格式（{ $room } 字节）
adapter-fault-directive-misplaced = 指令 { $name } 不能用在这里
adapter-fault-directive-unknown = 没有 { $name } 这个指令
adapter-fault-directive-value = 指令 { $name } 的取值不对
adapter-fault-discriminator-differs = 字段 { $name } 在各变体中的格式必须相同
adapter-fault-discriminator-not-first = 变体的第一个字段必须是 { $name }
adapter-fault-duplicate-field = 字段名 { $name } 重复
adapter-fault-duplicate-key = 键重复
adapter-fault-duplicate-sibling = 同级元素 { $name } 重复
adapter-fault-encoding-not-declared = wire.declared 里没有编码名 { $encoding }
adapter-fault-field-unmapped = { $field } 既没有写进报文，也没有在 [absent] 里说明
adapter-fault-fill-ambiguous = 这样填充会与值混淆：右侧的数字、数字格式里的非零数字
adapter-fault-fill-not-ascii = fill 须是一个 ASCII 字符或 "NUL"
adapter-fault-form-body = 表单须有且只有一个 body = true 的字段，现有 { $found } 个
adapter-fault-frame-header-varies = 帧头各字段的宽度必须固定
adapter-fault-frame-length = 帧头须有且只有一个 frame.length，现有 { $found } 个
adapter-fault-frame-length-narrow = 长度字段写不下最长报文 { $max }
adapter-fault-frame-on-http = transport = "http" 时不能有 [frame]
adapter-fault-end-tag = 结束标记应写作 </名称>，名称只用 ASCII 字母和数字
adapter-fault-frame-size = 固定帧长须在 1 与 { $max } 之间
adapter-fault-gap = 前面的字段在 { $computed } 结束，这里写的是 { $declared }：中间有空隙
adapter-fault-http-on-tcp = transport = "tcp" 时不能有 [http]
adapter-fault-instant-needs-date = 时间须注明 | date 格式
adapter-fault-items-what = items 之后须是 | count 或 | sum amount
adapter-fault-items-without-group = 一次可送多笔（delivery.items），请求却没有重复组
adapter-fault-key-not-secret = 密钥所用的设置项须声明 secret = true
adapter-fault-literal-delimiter = 固定值含有分隔符
adapter-fault-literal-picture = 固定值不符合字段格式
adapter-fault-literal-too-long = 固定值 { $length } 字节，字段只有 { $room } 字节
adapter-fault-mac-field = MAC 覆盖的字段 { $name } 不在本记录中，或是 MAC 自己
adapter-fault-mac-key = 此设置项的演示值不是 { $algorithm } 的密钥
adapter-fault-map-not-one-to-one = 对照表不是一一对应：这个值已经用过
adapter-fault-missing-key = 缺少 { $key }
adapter-fault-mixed-content = 元素既有子元素又有文字
adapter-fault-mixed-value = 一处只能是一个固定文字或一个 {"{"}值{"}"}，不能混用
adapter-fault-no-main-file = 没有 adapter.toml
adapter-fault-no-operation = 没有 payment.pay.toml
adapter-fault-no-without-source = occurred = "no" 必须注明 source：没有出处不能认定失败
adapter-fault-not-in-group = item. 只能用在重复组里
adapter-fault-not-one-of = 只能是：{ $allowed }
adapter-fault-not-read = 应答里没有读取 { $name }
adapter-fault-not-utf8 = 文件不是 UTF-8（第 { $offset } 字节起）
adapter-fault-offset-varies = 前面有不定长字段，不能声明位置
adapter-fault-one-condition = 条件须是文字，或 not、contains、any、present 之一
adapter-fault-one-content = 须有且只有一种内容：from、is、skip（表单：from、is、body）
adapter-fault-outcome-unreachable = 这条规则永远轮不到
adapter-fault-overlap = 前面的字段在 { $computed } 结束，这里写的是 { $declared }：重叠
adapter-fault-picture-syntax = 格式须是 X(n)、9(n)、9(n)V99、G(n)、LLVAR(n)、LLLVAR(n)、B(n)；此处可能只允许其中一部分
adapter-fault-picture-unfit = 这个值不能放在这种格式的字段里
adapter-fault-query-not-supported = 有 payment.query.toml，但 query.supported 不是 true
adapter-fault-query-without-file = query.supported = true，但没有 payment.query.toml
adapter-fault-reason-code = 原因代码须是 4 位大写字母或数字
adapter-fault-repeat-order = 重复组在哪里结束看不出来：只能有一个，且须在最后或前面有笔数，不能嵌套
adapter-fault-repeat-what = repeat 须是 "items" 或次数
adapter-fault-repeat-without-items = repeat = "items" 的组里没有 item. 的值
adapter-fault-resend-beyond-window = 自动重发期限须短于银行记住流水号的 { $days } 天
adapter-fault-secret-in-target = 保密设置不能写进请求地址
adapter-fault-serial-field-narrow = 字段 { $room } 字节，流水号 { $width } 字节
adapter-fault-serial-not-sent = 请求里没有流水号（查询：原流水号）
adapter-fault-serial-too-narrow = 流水号 { $width } 位，这种规则至少要 { $least } 位
adapter-fault-setting-too-wide = 设置项最长 { $width } 字节，字段只有 { $room } 字节，或只允许数字
adapter-fault-single-in-group = 重复组里、或一次送多笔时，须写 item.
adapter-fault-size-mismatch = 声明 { $size } 字节，各字段合计 { $sum }
adapter-fault-skip-too-long = skip 的文字 { $length } 字节，字段只有 { $room } 字节
adapter-fault-source-label = 出处须写 seen: …、peer: …、inferred: … 或 invented
adapter-fault-source-not-here = 这里没有这个值
adapter-fault-split-ambiguous = 各情形的第一部分宽度相同，读取时分不清
adapter-fault-split-no-part = 只有 { $parts } 个部分
adapter-fault-split-not-covering = 没有写 { $code } 的情形
adapter-fault-split-on = on 须是代码类字段
adapter-fault-split-part-missing = 第 { $part } 部分没有写进报文
adapter-fault-split-parts = 各情形的部分数须相同
adapter-fault-target = 请求地址以 / 开头，只含可见 ASCII 字符
adapter-fault-template = 模板不是合格的 XML（{ $rule }）
adapter-fault-template-missing = 没有文件 { $name }
adapter-fault-toml = 不是合格的 TOML：{ $why }
adapter-fault-two-layouts = xml 与 parts 只能有一个
adapter-fault-unknown-algorithm = 支持的算法为 { $known }
adapter-fault-unknown-charset = 没有这个字符集；有：{ $known }
adapter-fault-unknown-code = 不是 { $field } 的代码
adapter-fault-unknown-constant = 没有常量 { $name }
adapter-fault-unknown-conversion = 没有转换 { $name }
adapter-fault-unknown-field = 没有这个字段
adapter-fault-unknown-file = 没有任何地方用到这个文件
adapter-fault-unknown-key = 不认识的键 { $key }
adapter-fault-unknown-mac = 没有 [macs.{ $name }]
adapter-fault-unknown-map = 没有 [maps.{ $name }]
adapter-fault-record-shared = { $name } 已是各业务共用记录的名称
adapter-fault-unknown-part = 没有名为 { $name } 的记录
adapter-fault-unknown-seal = 没有 [seals.{ $name }]
adapter-fault-unknown-setting = [settings] 里没有这个设置项
adapter-fault-unknown-source = 没有这个值
adapter-fault-unknown-split = 没有 [splits.{ $name }]
adapter-fault-unknown-table = 没有 [codes.{ $name }]
adapter-fault-unmappable = 有字符集里没有的字符，或是空的
adapter-fault-unreachable-variant = 变体 { $name } 永远选不到
adapter-fault-unreadable-folder = 读不了文件夹：{ $why }
adapter-fault-unused = { $name } 没有用到
adapter-fault-value-syntax = 写法是：值，或 值 | 转换
adapter-fault-variants-without-part = parts 里没有 "variant"
adapter-fault-variants-without-star = 变体里没有 "*"：其他取值读不了
adapter-fault-verdict-contradiction = not_found 和 duplicate 只能与 occurred = "unknown" 同用
adapter-fault-written-twice = 同一字段以两种写法出现
adapter-fault-wrong-type = 须是 { $wanted }，这里是 { $found }
adapter-fault-zero = 不能是 0

adapter-setting-unfit = 设置值放不进它的格式（{ $room } 字节）

adapter-fault-bit-missing = { $name } 在位图之后而未写位号
adapter-fault-bit-number = 位号须从 2 到 128 递增，不含 65
adapter-fault-bit-without-bitmap = 位号只能用于 bitmap = true 的部分
adapter-fault-bitmap-alone = 位图不能与 size、delimited、repeat 同用
adapter-fault-packed-delimited = 压缩或带符号的数字不能位于分隔符之间
adapter-fault-packed-fill = 压缩与带符号的数字只能左补零
adapter-fault-seal-bank-key = 该报文由银行写出，而签章未以 bank_key 指明验签的密钥
adapter-fault-seal-no-place = 须写明签章的位置：before = "…" 或 after = "…"
adapter-fault-seal-place = 位置须为 ASCII 文本，含 {"{hex}"}、{"{HEX}"}、{"{base64}"} 之一，且数字与报文之间须有一个不属于该数字的字符
adapter-fault-seal-two-places = 签章在报文之前或之后，二者取一
adapter-fault-sign = S9(n) 的两个不同字符：非负号在前，负号在后

# What samples and generated messages show. The rest of a key behind adapter-check- is the finding's code.
adapter-check-bytes-differ = { $file }：写出的字节从第 { $at } 字节起与样例不同
adapter-check-context = 样例的 context.json 不完整或不对：{ $why }
adapter-check-differs = { $file }：读出的值与样例不同：{ $fields }
adapter-check-error = 错误
adapter-check-generated-differs = 第 { $number } 条生成的报文读回后 { $field } 不同
adapter-check-generated-none = 生成的报文没有一条能写出：{ $why }
adapter-check-generated-unreadable = 第 { $number } 条生成的报文写出后读不回：{ $code } { $field }
adapter-check-not-refused = 应以 { $code } 拒绝，却被接受
adapter-check-prefix-accepted = 报文的前 { $length } 个字节被当作完整报文
adapter-check-problem-file = problem.json 须有 message（request 或 reply）和 code
adapter-check-refused = { $file } 被拒绝：{ $code } { $place }
adapter-check-refused-otherwise = 应为 { $wanted }，实为 { $found }
adapter-check-reply-differs = { $file }：读出的应答与 reply.json 不同
adapter-check-reply-json = reply.json 不对：{ $code }
adapter-check-request-json = request.json 不对：{ $code }
adapter-check-sample-missing = 没有 { $class } 的样例
adapter-check-summary = { $id }：样例 { $samples } 个，翻译 { $translations } 次，截断报文 { $prefixes } 条均被拒绝，生成的报文 { $generated } 条往返一致，{ $refused } 条因该行无法承载而拒绝
adapter-check-unknown-operation = 适配器没有这项业务
adapter-check-warning = 提示
