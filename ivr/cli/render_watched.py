"""A build's bar at a terminal."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, Task, TextColumn
from rich.progress import Progress as Bar
from rich.text import Text

from ivr.cli.render_bar import clock, left, paid
from ivr.pregen.progress import Progress, Tell
from ivr.project.settings.prices import Price


@contextmanager
def watched(price: Price | None) -> Iterator[Tell]:
    """Gone when the build is done."""
    columns = (
        TextColumn("rendering"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[paid]}"),
        _Left(),
        TextColumn("{task.fields[clip]}"),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None, clip="", paid="", until=0.0, visible=False)

        def tell(progress: Progress) -> None:
            shown.update(
                task,
                total=progress.total,
                completed=progress.done,
                visible=True,
                clip=progress.clip,
                paid=paid(progress, price),
                until=time.monotonic() + progress.wait,
            )

        yield tell


class _Left(ProgressColumn):
    """The time that is left, or for how long the provider is left alone."""

    max_refresh = 0.5

    def render(self, task: Task) -> Text:
        """See ``ProgressColumn.render``."""
        wait = task.fields["until"] - time.monotonic()
        if wait > 0.5:
            return Text(f"too many requests, waiting {clock(wait)}", "yellow")
        elapsed = task.elapsed or 0.0
        return Text(f"{left(int(task.completed), int(task.total or 0), elapsed)} left", "cyan")
