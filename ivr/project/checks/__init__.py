"""What the files of a project, each right by itself, get wrong together."""
