# Words of the gateway part. Keys begin with gateway-.
