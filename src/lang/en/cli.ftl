# Words of the cli part. Keys begin with cli-.
