"""Floor 6: renders what is known ahead, when it is written and not when it is needed."""
