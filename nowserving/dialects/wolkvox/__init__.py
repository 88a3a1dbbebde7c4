"""wolkvox CRM's cases API, version 2 (reference/wolkvox.md)."""
