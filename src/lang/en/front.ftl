# Words of the front part. Keys begin with front-.
front-link-closed = the link is closed
front-link-resolve = the bank's host name has no address
front-link-connect = the bank could not be connected to
front-link-connect-timeout = the bank was not connected within the limit
front-link-handshake = the TLS handshake with the bank failed
front-link-not-loopback = a link without TLS may lead to this machine only
front-link-target = the request target is not a valid HTTP request target
front-link-write = the connection broke while the request was being written
front-link-write-timeout = the request was not written within the limit
front-link-silence = the bank did not answer within the limit
front-link-cut = the connection ended before the answer was complete
front-link-too-long = the answer is longer than allowed
front-link-frame = the answer is not framed as the interface says
front-link-http = the answer is not HTTP
front-link-status = the bank's server answered with HTTP status { $status }
