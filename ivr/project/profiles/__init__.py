"""``prompts/profiles/``: how long providers, lookups and networks take, for simulated calls and plans."""
