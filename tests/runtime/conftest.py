import asyncio
from dataclasses import replace

import pytest
from runtime_bank import Babbler, environ, open_house, render_bank, write_bank

from ivr.project.load import load


@pytest.fixture(scope="session")
def bank_root(tmp_path_factory):
    """The bank's directory with its clips; not to be written to."""
    root = write_bank(tmp_path_factory.mktemp("bank"))
    asyncio.run(render_bank(root, Babbler()))
    return root


@pytest.fixture(scope="session")
def loaded(bank_root):
    return load(bank_root, environ())


@pytest.fixture
def bank(loaded):
    """The bank as a project; ``bank(key=function)`` and the like is what lookups are replaced for."""
    return replace(loaded)


@pytest.fixture
async def house(bank):
    """The bank, answering with a voice in memory."""
    async with open_house(bank, Babbler()) as it:
        yield it
