"""Whatever is sent to any door: never a bug of ours, and every error in that door's form."""
