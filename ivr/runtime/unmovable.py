"""Which gateways cannot make the transfers of a project: told before any call is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ivr.catalog.party import Kind, Party
from ivr.dialog.table import Transfer
from ivr.project.project import Project
from ivr.runtime.calls import GATEWAYS, Gateway


def unmovable(
    project: Project, *, webhook: bool, gateways: Mapping[str, Gateway] = GATEWAYS
) -> Iterator[tuple[str, str]]:
    """A gateway's name, and what it cannot do for this project; nothing for a project that transfers to nobody.

    ``webhook``: Twilio's is there. Whom Python and expressions call is not known.
    """
    if not project.settings.transfer.allow:
        return
    wanted = _wanted(project)
    for name, gateway in gateways.items():
        can = gateway.capabilities.transfers
        if not can:
            yield name, "it cannot transfer calls"
        elif gateway.webhook and not webhook:
            yield name, "without its webhook (IVR_TWILIO_AUTH_TOKEN and serve.public_url) it transfers no call"
        else:
            for kind in sorted(wanted.keys() - can):
                yield name, f"it cannot call {wanted[kind]}, a party by {kind}; it can by {', '.join(sorted(can))}"


def _wanted(project: Project) -> Mapping[Kind, str]:
    """For each kind of party that a table names: where."""
    found: dict[Kind, str] = {}
    for table in project.tables.values():
        for state in table.states.values():
            if isinstance(state.exit, Transfer) and isinstance(state.exit.to, Party):
                found.setdefault(state.exit.to.kind, f"'{state.exit.to.address}' of state '{table.name}/{state.name}'")
    return found
