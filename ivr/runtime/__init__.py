"""Floor 6: the shell that waits. Sockets, timers, voices and lookups around the pure call."""
