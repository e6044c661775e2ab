"""Floor 2: voices. The embedded one in worker processes, others over HTTP, behind one seam."""
