"""Floor 2: the caller's sound. Where somebody speaks, what was recorded, and what did not come. Pure."""
