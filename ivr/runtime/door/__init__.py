"""Who may come in from beyond loopback: tickets for one call, passes for a gateway."""
