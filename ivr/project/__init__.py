"""Floor 4: a directory of prompts and audio, read into one immutable value."""
