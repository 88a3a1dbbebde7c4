"""What anyone can do: one function for each thing, one file for each noun."""
