"""Floor 2: the wire of each telephony platform, as pure codecs with a declared capability record."""
