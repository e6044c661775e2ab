"""Floor 3: clips in memory, verified against the lock, levelled, in the wire's own format."""
