"""Values as words: a module for each kind of value, and one for each language (docs/saying.md)."""
