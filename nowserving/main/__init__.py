"""Settings, doors, listeners, the server and the command line."""
