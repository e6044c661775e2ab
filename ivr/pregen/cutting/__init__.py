"""Cutting a fragment out of the sentence in which a voice said it."""
