"""``ivr.yaml``, whole and by its sections, and ``hours.yaml``: what people set, as values."""
