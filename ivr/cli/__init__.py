"""Floor 7: parse, call, print."""
