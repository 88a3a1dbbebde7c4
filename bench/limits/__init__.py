"""What our figures stand beside: the same writes, made by programs that do nothing else."""
