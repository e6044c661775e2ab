"""A project's clips as one page to listen through: ``cards`` reads, ``gather`` puts together, ``page`` draws."""
