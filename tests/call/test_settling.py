"""When a call ends by itself: its last word was heard."""

from __future__ import annotations

import numpy as np
import pytest
from toy import clips, drive


@pytest.mark.parametrize("path", [0.0, 0.12])
def test_the_call_ends_only_when_goodbye_was_heard(path):
    run = drive(keys=[(4.0, "9")], path_out=path, path_in=path)
    goodbye = clips()["bye"]
    assert run.far.closed_at is not None
    assert run.far.heard.played_samples(run.far.closed_at) == run.far.queue.samples
    tail = run.far.heard.timeline(run.far.heard.stop - goodbye.samples / 8000, run.far.heard.stop)
    assert np.max(np.abs(tail)) > 0.05
    assert run.far.cleared == []
