"""A call at the local sound card: its rings, its devices, the keyboard, and a file in their place."""
