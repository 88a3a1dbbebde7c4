"""Tables, questions, writes and migrations. All SQL of the house stands in this room."""
