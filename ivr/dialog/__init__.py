"""Floor 2: what is said next. A table in YAML or a coroutine in Python, driven by one pure engine."""
