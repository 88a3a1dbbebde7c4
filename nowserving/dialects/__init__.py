"""Wire languages, in and out: a folder each; none knows another."""
