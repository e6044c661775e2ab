"""Floor 6: the shell that counts. The same call on a heap of timed events, without waiting."""
