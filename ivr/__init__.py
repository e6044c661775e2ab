"""An IVR voice-agent runtime: phrases from memory, live speech spliced onto them, no unplanned silence.

Import from the rooms (``ivr.call``, ``ivr.gateways`` …); this module holds only the version.
"""

__version__ = "0.1.0"
