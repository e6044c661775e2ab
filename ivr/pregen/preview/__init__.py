"""A project's clips as one page to look and listen through: ``cards`` reads, ``page`` draws, the rest are values."""
