# Words of the canonical language. Keys begin with message-.
message-text-too-long = 不得超过 { $max } 个字符
