"""Floor 4: what is sounding, what comes next, what was heard. Pure; time is an argument."""
