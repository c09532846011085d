# Words of the front part. Keys begin with front-.
