"""The files of a build: written so that none is ever half there, and none of somebody else's is written over."""
