"""CEL's library without its command line.

Its package imports that, and with it a whole terminal toolkit (prompt_toolkit), which takes a fifth of the start of
every command.
"""

import sys
from types import ModuleType

sys.modules.setdefault("cel.cli", ModuleType("cel.cli"))

import cel  # noqa: E402

__all__ = ["cel"]
