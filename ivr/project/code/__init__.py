"""``prompts/*.py``: imported as functions, and read as text for what it names and gives."""
