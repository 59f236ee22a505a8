"""A style, loaded once, that carries out jobs as often as there are some."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toonify.converting.budget import Budget
from toonify.converting.converter import Converter
from toonify.converting.film import carry_out_film
from toonify.converting.jobs import Job
from toonify.converting.made_with import MadeWith
from toonify.converting.picture import Conversion, carry_out
from toonify.converting.request import ConvertRequest
from toonify.converting.result import Ledger
from toonify.converting.sheet import ContactSheet
from toonify.converting.steadying import is_steadied
from toonify.inference import Runtime, need_device
from toonify.progress import Progress, Task
from toonify.resources import cores, usable_memory
from toonify.runners import ThreadRunner
from toonify.storage import sweep
from toonify.styles import AnyStyle, Style, choose, load_style


@dataclass
class Workshop:
    """Where pictures and films are converted.

    Attributes:
        request: What is asked for.
        styles: The style that it names, or several for contact sheets, by what they are called there.
        controls: All of the style's, each with its value; none of several.
        made_with: How each cartoon is made.
        ledger: What became of each job.
        progress: Told about each picture, and each frame.
        stopped: Whether Ctrl-C ended the work.
        kept: Of films that are not finished, by their path, how many frames need not be drawn again.
    """

    request: ConvertRequest
    styles: Mapping[str, Style]
    controls: Mapping[str, float]
    made_with: MadeWith
    ledger: Ledger
    progress: Progress
    stopped: bool = False
    kept: dict[Path, int] = field(default_factory=dict)
    _converters: dict[int, Converter | ContactSheet] = field(default_factory=dict)

    @classmethod
    def open(cls, request: ConvertRequest, ledger: Ledger, progress: Progress) -> Workshop:
        """Load the style.

        Raises:
            ToonifyError: if it cannot be used, or does not have a control that is chosen, or there is no such
                device, even if there is nothing to draw.
        """
        need_device(request.device)
        styles = _by_name([(style, load_style(style, progress)) for style in request.styles])
        if len(styles) > 1:
            made_with = MadeWith.of_sheet(request, styles.values())
            return cls(request, styles, {}, made_with, ledger, progress)
        (style,) = styles.values()
        controls = choose(style.manifest, request.controls)
        return cls(request, styles, controls, MadeWith.of(request, style, controls), ledger, progress)

    def carry_out(self, jobs: Sequence[Job]) -> None:
        """Carry out the jobs without an outcome, pictures first, until done or stopped by Ctrl-C.

        What earlier runs were writing there when they were killed is removed.
        """
        sweep(*dict.fromkeys(file.parent for job in jobs for file in job.files))
        waiting = [job for job in jobs if job not in self.ledger]
        films = [job for job in waiting if job.is_film]
        steady = bool(films) and is_steadied(self.request.strength, self.request.steady)
        if pictures := [job for job in waiting if not job.is_film]:
            with self.progress.task("Converting", len(jobs), done=len(jobs) - len(waiting)) as task:
                self._pictures(pictures, task)
        if films and len(self.styles) > 1:
            for job in films:
                self.ledger.note(job, job.ended("failed", "a film: contact sheets are made of pictures"))
        elif films and not self.stopped:
            self._films(films, steady=steady)

    def _pictures(self, jobs: Sequence[Job], task: Task) -> None:
        workers = min(self.request.workers or cores(), len(jobs))
        conversion = self._conversion(workers)
        with self._interrupted(), ThreadRunner(workers, conversion) as runner:
            try:
                for _, attempt in runner.run(jobs, carry_out, ordered=False):
                    attempt.get()
                    task.advance()
            except KeyboardInterrupt:
                conversion.stop()  # before the runner waits for what has begun
                raise

    def _films(self, jobs: Sequence[Job], *, steady: bool) -> None:
        conversion = self._conversion(cores(), steady=steady)  # of each as many frames are drawn at once
        with self._interrupted():
            for job in jobs:
                carry_out_film(conversion, job, self.progress)
        self.kept |= conversion.kept

    @contextlib.contextmanager
    def _interrupted(self) -> Iterator[None]:
        """Let Ctrl-C end the block, and note it."""
        try:
            yield
        except KeyboardInterrupt:
            self.stopped = True

    def _conversion(self, workers: int, *, steady: bool = False) -> Conversion:
        return Conversion(
            self.request,
            self._converter(workers),
            self.made_with,
            Budget(usable_memory()),
            self.ledger,
            steady,
        )

    def _converter(self, workers: int) -> Converter | ContactSheet:
        """The style's network, opened once for each number of cores that a picture may have."""
        # Pictures side by side use the cores better than one picture on all of them.
        threads = max(1, cores() // workers)
        if threads not in self._converters:
            opened = {
                name: Converter.asked_for(self.request, style, threads=threads)
                for name, style in self.styles.items()
            }
            alone = len(opened) == 1
            self._converters[threads] = opened.popitem()[1] if alone else ContactSheet(opened)
        return self._converters[threads]

    @property
    def runtime(self) -> Runtime | None:
        """What draws, of a contact sheet the first style; `None` where there was nothing to draw."""
        for converter in self._converters.values():
            return converter.runtime
        return None


def _by_name(styles: Sequence[tuple[AnyStyle, Style]]) -> dict[str, Style]:
    """Styles by their own names; those that share one (a run's checkpoints) by what was typed."""
    names = Counter(style.manifest.name for _, style in styles)
    return {
        style.manifest.name if names[style.manifest.name] == 1 else str(typed): style
        for typed, style in styles
    }
