# Words of the front part. Keys begin with front-.
front-link-closed = 链路已关闭
front-link-resolve = 银行主机名无法解析
front-link-connect = 无法连接银行
front-link-connect-timeout = 连接银行超时
front-link-handshake = 与银行的 TLS 握手失败
front-link-not-loopback = 未加密的链路只能通向本机
front-link-target = 请求路径不是有效的 HTTP 请求路径
front-link-write = 发送请求时连接中断
front-link-write-timeout = 发送请求超时
front-link-silence = 银行在时限内未应答
front-link-cut = 应答未收完连接已断开
front-link-too-long = 应答超过允许的长度
front-link-frame = 应答的长度头不符合接口约定
front-link-http = 应答不是 HTTP 报文
front-link-status = 银行服务器返回 HTTP 状态码 { $status }
