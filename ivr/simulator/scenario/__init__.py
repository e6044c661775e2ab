"""Scenarios: a caller as steps with expectations, from ``prompts/calls/*.yaml`` or from Python."""
