# 业务报文：哪里不对、违反哪条规则。从不出现违规的值本身。

# JSON 结构
message-json-too-large = 报文不得超过 { $max } 字节
message-json-not-utf8 = 报文必须是 UTF-8 编码
message-json-byte-order-mark = 报文开头不得有字节顺序标记（BOM）
message-json-after-end = 报文结束后不得再有内容
message-json-ends-early = 报文不完整，提前结束
message-json-value-expected = 此处应为一个 JSON 值
message-json-name-expected = 此处应为带双引号的成员名
message-json-colon-expected = 此处应为冒号
message-json-comma-expected = 此处应为逗号或右括号
message-json-digit-expected = 此处应为数字
message-json-leading-zero = 数字不得以多余的 0 开头
message-json-control-in-text = 字符串中的控制字符必须转义
message-json-escape = 转义序列有误
message-json-lone-surrogate = 转义序列只有代理对的一半，不是字符
message-json-too-deep = 嵌套不得超过 { $max } 层
message-json-too-many-members = 一个对象的成员不得超过 { $max } 个
message-member-repeated = 同一对象中成员名不得重复
message-member-unknown = 此处不允许该成员
message-field-missing = 必填项缺失
message-type-object = 应为 JSON 对象
message-type-text = 应为字符串
message-type-integer = 应为整数（不带引号）
message-type-boolean = 应为 true 或 false

# 数字与金额
message-number-not-whole = 应为只写数字的整数，不得有小数点或指数
message-number-too-large = 数字过大
message-item-number = 明细序号应为从 1 开始的整数
message-amount-not-positive = 金额必须大于 0 分
message-amount-too-large = 金额不得超过 { $max } 分

# 文字
message-text-empty = 不得为空；没有内容的项应省略
message-text-too-long = 不得超过 { $max } 个字符
message-text-character = 含有不允许的字符（控制字符、不可见字符或替换字符）
message-text-blank-end = 首尾不得有空白
message-code-unknown = 应为下列代码之一：{ $known }

# 证件、账号、联行号、日期
message-document-form-resident = 公民身份号码应为 17 位数字加 1 位数字或 X，且不以 81、82、83 开头
message-document-form-resident-15 = 旧公民身份号码应为 15 位数字
message-document-form-hmt = 港澳台居民居住证号码应以 810000、820000 或 830000 开头，共 18 位
message-document-form-permanent-residence = 外国人永久居留身份证号码应为 3 个大写字母加 12 位数字，或以 9 开头的 18 位号码
message-document-birth-date = 证件号码中的出生日期不存在
message-document-check-digit = 证件号码校验位不符
message-account-form = 银行账号应为 1 至 32 位数字、字母或连字符
message-card-form = 银行卡号应为 13 至 19 位数字
message-card-check-digit = 银行卡号校验位不符
message-cnaps-form = 联行号应为 12 位数字
message-cnaps-check-digit = 联行号校验位不符
message-fund-form = 险种类型应为 1 至 8 位数字或大写字母
message-period-form = 所属期应为真实的年月，六位数字（yyyymm）
message-day-form = 日期应写作 yyyy-mm-dd，年份在 1900 至 2099 之间
message-day-calendar = 日历上没有这一天
message-region-form = 行政区划应为六位数字
message-card-number-form = 社会保障卡卡号应为九位数字，或一位大写字母加八位数字
message-card-code-form = 卡识别码应为六位数字加 26 位大写十六进制数字
message-fee-negative = 费用不能为负
message-bank-form = 代发银行应为 2 至 16 位小写字母、数字或连字符
message-time-form = 时间应为带时区的 RFC 3339 格式，例如 2022-03-01T09:30:00+08:00
message-date-form = 日期应为真实日期，例如 2022-03-01 或 20220301

# 发放失败原因（县级代码）
message-reason-102 = 人员编号不存在
message-reason-103 = 账号校验失败或账号不存在
message-reason-104 = 公民身份号码校验失败
message-reason-105 = 姓名校验失败，账号与户名不匹配
message-reason-201 = 拨付通知编号错误
message-reason-202 = 统筹区错误
message-reason-203 = 拨付人员校验失败
message-reason-204 = 编号与证件号码不匹配
message-reason-205 = 编号与姓名不匹配
message-reason-206 = 编号错误
message-reason-207 = 不存在拨付记录
message-reason-208 = 个人拨付金额与到账金额不相等
message-reason-209 = 重复导盘
message-reason-210 = 银行拨付失败
message-reason-211 = 代发账号注销、挂失、未绑定或状态不合适
