"""What the tests stand on: a PostgreSQL server, a browser, and what a bare machine lacks."""
