# Words of the adapter part. Keys begin with adapter-.
