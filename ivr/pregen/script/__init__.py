"""The recording list: what a voice talent reads, in the order in which callers hear it."""
