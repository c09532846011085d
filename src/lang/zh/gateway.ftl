# Words of the gateway part. Keys begin with gateway-.

gateway-unknown-bank = 没有配置这家发放银行
gateway-not-supported = 该银行不支持此业务
gateway-key-reused = 该幂等键已用于另一笔请求；第一个不同的字段是 { $field }
