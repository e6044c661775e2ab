"""Floor 1: what happened in a call, as typed events on one clock; their JSON lines and their picture."""
