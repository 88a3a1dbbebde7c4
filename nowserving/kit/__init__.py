"""Names and tools every room may use; no rule of the office."""
