"""How many calls a server holds: many lines against it, with a clock of their own, and a search for the most."""
