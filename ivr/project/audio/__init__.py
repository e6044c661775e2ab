"""The clips that a project needs, and whether what lies below ``audio/`` is them."""
