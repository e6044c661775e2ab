"""The embedded voice: espeak-ng in worker processes, spoken to over pipes.

espeak-ng is GPL-3.0-or-later and is not thread-safe; it stays behind this process boundary. Only ``worker`` loads it
(through ``binding``), and the rest of the runtime imports without it: ``pool`` needs the extra ``voice`` when an
``EspeakVoice`` is made, not before.
"""
