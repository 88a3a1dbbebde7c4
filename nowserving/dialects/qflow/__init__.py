"""Q-Flow: the REST façade in front of it, inward."""
