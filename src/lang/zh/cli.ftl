# Words of the cli part. Keys begin with cli-.

cli-about = 夔门 (kuimen)：县社保系统与各合作银行之间的 TLS 网关和报文转换器
cli-help-template = {"{"}about-with-newline{"}"}
    用法：{"{"}usage{"}"}

    {"{"}all-args{"}"}{"{"}after-help{"}"}
cli-help-commands = 命令
cli-help-options = 选项
cli-help-arguments = 参数
cli-help-values = {" "}[可取：{ $values }]
cli-help-default = {" "}[默认：{ $value }]
cli-exit-codes = 退出码：0 一切正常 · 1 发现问题（违规、适配器有误、差一分钱）· 64 命令行有误 · 65 报文有误 · 66 输入缺失或不可读 · 69 所需的对方不可用 · 70 本程序故障 · 74 磁盘故障 · 78 配置有误

cli-arg-json = 输出一个 JSON 值，而不是文字
cli-arg-lang = 显示语言：zh 或 en（默认取自 LC_ALL、LC_MESSAGES、LANG）
cli-arg-help = 显示帮助
cli-arg-version = 显示版本
cli-arg-adapters = 适配器目录，代替内置适配器
cli-arg-bank = 银行，即适配器的名称
cli-arg-operation = 业务，如 payment.pay、card.query
cli-arg-message = 哪一条报文：request 请求，reply 应答
cli-arg-body = 文件只含报文体，不含报文头或表单
cli-arg-context = JSON 文件，含 serial、sent_at、business_date、item_number、settings、original
cli-arg-file = 报文文件，- 表示标准输入
cli-arg-dir = 数据目录

cli-demo = 演示一个虚构的县：网关、会出错的银行、一批发放，逐分对账
cli-demo-once = 自行结束；只有无重复、无丢失、一分不差时退出码才为 0
cli-demo-payments = 发放笔数
cli-demo-seed = 人员、金额和故障的随机种子
cli-demo-faults = 银行出错的程度
cli-demo-data-dir = 数据保存位置（默认用临时目录，结束后删除）
cli-demo-log = 写到标准错误的日志：off、info、kuimen=debug 等
cli-serve = 运行网关
cli-serve-config = 配置文件 (kuimen.toml)
cli-translate = 把一条报文转换为银行格式，或转换回来
cli-translate-to = 要哪种形式：wire 银行字节，canonical 标准 JSON
cli-explain = 逐字节解释一条报文：字段、图样、值、标准字段；有错时指出位置
cli-explain-reveal = 显示个人信息，不作遮盖
cli-adapter = 处理适配器目录
cli-adapter-check = 装载并验证适配器，双向试转样例
cli-adapter-manual = 生成银行接口手册（Markdown 或 HTML）
cli-adapter-manual-dir = 适配器目录，或内置适配器名称
cli-adapter-manual-html = 输出 HTML
cli-adapter-describe = 以 JSON 输出完整的已校验计划
cli-adapter-operations = 列出各银行支持的业务及其依据（Markdown）
cli-adapter-check-dir = 适配器目录（默认全部）
cli-simulate = 按适配器运行一家模拟银行，自带账簿
cli-simulate-listen = 监听地址；端口 0 表示自动选择并打印
cli-simulate-data-dir = 账簿目录
cli-simulate-certs = 证书目录，由 `kuimen certs dev` 生成
cli-simulate-duplicates = 是否拒绝重复流水号（默认按适配器）
cli-verify = 验证数据目录：0 无误，1 违规，66 不可读
cli-verify-key = 密钥文件（默认为数据目录下的 keys/journal.key）
cli-verify-acked = 已确认接收的报文编号，每行一个：必须全部存在
cli-verify-sent = 银行收到的报文：银行、业务日期、流水号、SHA-256，以 TAB 分隔：每条都必须有发送登记
cli-export = 输出数据目录中的报文
cli-export-ndjson = 每行一个 JSON 对象
cli-certs = 证书
cli-certs-dev = 生成开发用根证书，以及网关、社保、各银行的证书
cli-certs-dir = 写入的目录
cli-certs-bank = 需要服务端证书的银行（默认全部适配器）
cli-config = 配置
cli-config-check = 读取配置，一次列出全部错误
cli-schema = 数据模式
cli-schema-export = 写出 JSON Schema 和 OpenAPI
cli-schema-dir = 写入的目录

cli-usage-unknown-argument = 未知参数 { $argument }；见 --help
cli-usage-unknown-command = 未知命令 { $command }；见 --help
cli-usage-missing = 缺少：{ $argument }；见 --help
cli-usage-value = { $argument }：不能取值“{ $value }”；见 --help
cli-usage-other = 命令行无法识别（{ $argument }）；见 --help

cli-input-unreadable = { $file } 无法读取：{ $cause }
cli-input-too-long = { $file } 太长，不是一条报文

cli-verify-closed = 已正常关闭：所有文件均已与清单核对
cli-verify-not-closed = 未正常关闭：仅按链校验
cli-verify-looked = 报文 { $messages } 条，链记录 { $records } 条，报文体 { $bodies } 个；核对已确认 { $acked-count } 条、已发送 { $sent-count } 条
cli-verify-sums = { $bank }：指令 { $instructed } 分 = 成功 { $succeeded } + 失败 { $failed } + 待人工 { $manual } + 未决 { $open } + 其他
cli-verify-clean = 无误
cli-verify-violations = 发现 { $count } 处违规
cli-certs-written = 开发用证书已写入 { $dir }
cli-not-written = 无法写入：{ $cause }

cli-no-such-adapter = 没有名为 { $adapter } 的适配器；现有：{ $known }
cli-no-such-operation = { $bank } 没有业务 { $operation }
cli-context-missing = 上下文没有给出 { $name }

cli-serve-invented = { $bank }：{ $file } 第 { $line } 行的 { $what } 为虚构；allow_invented = true 可放行，但数据目录将永久标记为模拟
cli-serve-legacy = { $bank }：其适配包使用已不安全的 { $algorithm }；在 [bank.{ $bank }] 中写 legacy = ["{ $algorithm }"] 可仅为此线路放行
cli-serve-setting = { $bank }：参数 { $name } 不符合其图样
cli-serve-up = 监听 { $address }
cli-serve-stopped = 未能启动：{ $cause }
cli-config-fine = 配置无误；已配置银行 { $banks } 家
cli-demo-trouble = 演示未能进行：{ $cause }
cli-demo-instructing = 正在报送
cli-demo-settling = 已全部报送，等待结果
cli-demo-up = 网关运行中，按 Ctrl-C 结束
cli-demo-col-waiting = 待发
cli-demo-col-in-hand = 处理中
cli-demo-col-unknown = 未知
cli-demo-col-bank = 银行
cli-demo-col-accepted = 已接收
cli-demo-col-succeeded = 发放成功
cli-demo-col-failed = 发放失败
cli-demo-col-manual = 待人工
cli-demo-col-open = 未决
cli-demo-col-doubled = 重复
cli-demo-col-lost = 丢失
cli-demo-col-instructed = 报送金额（元）
cli-demo-col-paid = 成功金额（元）
cli-demo-total = 合计
cli-demo-clean = 无重复、无丢失、一分不差。（演示数据）
cli-demo-not-clean = 账目不平！（演示数据）
cli-demo-errands = 支付以外：登记银行来报 { $told } 条；业务与变更 { $asked } 笔：办成 { $done }，被拒 { $failed }，待人工 { $people }；丢失 { $lost }。成功后退票 { $returned } 元
cli-demo-findings = 县级规则提示：{ $rules }
cli-demo-took = 用时 { $seconds } 秒；策略时间加快 { $factor } 倍
cli-demo-stays = 网关保持运行，按 Ctrl-C 结束。数据目录：{ $dir }
    试一试：{ $command }

cli-report = 按县方案统计：推行进度、首次换领、网点制卡、引导激活名单
cli-report-rollout = 推行进度：三项目标，分险种、乡镇街道、银行
cli-report-first-cards = 首次换领核对表，供与社会保障卡服务中心结算
cli-report-outlets = 各银行、各网点制卡情况
cli-report-activation = 引导激活名单，按制卡银行
cli-report-county = 县级登记文件（示例：conformance/county/county.toml）
cli-report-recipients = 领待人员登记，CSV：id,township,since,card
cli-report-from = 起始日，yyyy-mm-dd；不写即截止日当年1月1日
cli-report-as-of = 截止日，yyyy-mm-dd；不写即今天
cli-report-xlsx = 同时写成 .xlsx
cli-report-svg = 同时写成 SVG 图
cli-report-no-picture = 该报表没有图
cli-report-days = 起始日不得晚于截止日
cli-output-unwritable = { $file } 无法写入：{ $cause }
