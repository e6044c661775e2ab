"""Queries of upgrades, proof against one that a gateway repeats.

Asterisk was seen to send the query of the call before with a call that asked for none. So a query may name its call
(``call=${UNIQUEID}``), and one whose call was here before is another call's: nothing of it is believed.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping

log = logging.getLogger("ivr.server")

CALL = "call"
"""The name under which a query names its call."""

REMEMBERED = 10_000
"""Calls; a repeated query is that of a recent one."""


class Queries:
    """Of one process."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    def fresh(self, query: Mapping[str, str]) -> Mapping[str, str]:
        """``query``, or nothing where it is the one of a call that came before."""
        call = query.get(CALL)
        if not call:
            return query
        if call in self._seen:
            log.warning("a query was dropped: it names a call that was here before; set channel variables instead")
            return {}
        self._seen[call] = None
        if len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return query
