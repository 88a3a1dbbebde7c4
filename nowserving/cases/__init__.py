"""What a case is, its states and moves: the heart of the house."""
