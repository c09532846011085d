# Words of the journal part. Keys begin with journal-.
