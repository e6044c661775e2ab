"""Asterisk AudioSocket: packets over plain TCP. No websocket, no marks, no clear, no queue: we are the clock."""
