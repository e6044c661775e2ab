"""Floor 1: what can be said. Phrases with slots, prompts, say-as, normalisation, and where each stands in its file."""
