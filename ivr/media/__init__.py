"""Floor 0: formats, clips, G.711, resampling, level, edges, tones. Values in, values out; no I/O, no clock."""
