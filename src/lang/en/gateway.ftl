# Words of the gateway part. Keys begin with gateway-.

gateway-unknown-bank = no such paying bank is configured
gateway-not-supported = this bank does not support the operation
gateway-key-reused = the key was used before for another request; { $field } is the first field that differs
