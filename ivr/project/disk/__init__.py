"""Where the files of a project stand, and how one is read: what is wrong with it is a problem, never a traceback."""
