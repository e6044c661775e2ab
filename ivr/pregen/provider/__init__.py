"""A voice that is asked for many phrases: how many at once, how often, and when no longer."""
