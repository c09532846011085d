# Words of the simulator part. Keys begin with simulator-.
