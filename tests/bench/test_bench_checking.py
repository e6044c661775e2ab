"""The large project is one that holds, and what is timed of it is what is said."""

import asyncio
import os

from bench.checking import Tones, checks, decisions, made
from ivr.pregen.render import render
from ivr.project.load import load
from ivr.project.sources import read_sources


def test_a_small_large_project_checks_without_a_word_and_decides(tmp_path):
    root = tmp_path / "large"
    made(root, states=12, phrases=20)
    asyncio.run(render(read_sources(root, os.environ), Tones()))
    project = load(root, os.environ, thorough=True)
    assert (len(project.tables["main"].states), len(project.store.names), project.warnings) == (12, 20, ())
    assert len(checks(root, 1)) == 1
    assert len(decisions(root, 20)) >= 20
