# Words of the canonical language. Keys begin with message-.
message-text-too-long = at most { $max } characters
