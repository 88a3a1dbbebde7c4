"""iCalendar (RFC 5545): one appointment as a file, and feeds that calendar programs read."""
