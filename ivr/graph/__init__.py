"""A dialog as a picture: what is drawn, where it stands, and the two ways to write it down."""
