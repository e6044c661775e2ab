"""Files read one by one and leniently: what could be read of them, and what is not to be judged by it."""
