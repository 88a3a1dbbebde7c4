"""What an organization is made of, and where its facts go."""
