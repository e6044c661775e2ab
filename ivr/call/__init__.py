"""Floor 5: one call = dialog + playout + ledger + gateway codec. Pure; time is an argument."""
