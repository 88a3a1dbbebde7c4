"""Internet mail, as it is handed to us by a mail server (RFC 5322)."""
