"""Figures of this machine, beside a floor program in the same run: ``python -m bench``."""
