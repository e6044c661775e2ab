"""Callers who do anything at any time never hang, loop, hear silence that nobody planned, or end without a reason."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_callers import call, callers, judge, plan_of

from ivr.project.starter import starter_root

PROJECTS = {
    "bank": (starter_root(), {"bank.balance": [0, 12.5, -3.0, 1234567.89]}),
}


EXAMPLES = int(os.environ.get("IVR_CALLERS", "60"))
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@pytest.mark.parametrize("name", PROJECTS)
@given(data=st.data())
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=SLOW)
def test_any_caller(name, data):
    project, values = PROJECTS[name]
    judge(call(plan_of(project), data.draw(callers(values))))
