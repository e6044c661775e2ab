"""Asterisk's ``chan_websocket``: binary messages are sound, text messages are control, in JSON or in plain lines."""
