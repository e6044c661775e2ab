"""How a project is voiced, before anybody calls: what is fixed, what is live, how long it takes, and what it costs."""
