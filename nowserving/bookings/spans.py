"""Stretches of a day, in minutes on the clock on the wall."""

from collections.abc import Iterable
from dataclasses import dataclass

from nowserving.kit.problems import Invalid

DAY = 24 * 60
"""The minutes that a day has on the wall, whatever the sun says."""


@dataclass(frozen=True, slots=True)
class Span:
    """From one minute after midnight to another, the second not included."""

    start: int
    end: int

    def __post_init__(self) -> None:
        """Invalid unless it lies within a day and is not empty."""
        if not 0 <= self.start < self.end <= DAY:
            raise Invalid(field="hours", reason="a span begins before it ends, within one day")

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.end - self.start


def joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same minutes, in order, without overlaps and seams."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda one: (one.start, one.end)):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def without(spans: Iterable[Span], taken: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of some spans when others are taken out of them."""
    left = list(joined(spans))
    for hole in joined(taken):
        left = [part for span in left for part in _around(span, hole)]
    return tuple(left)


def minutes_in(spans: Iterable[Span]) -> int:
    """How many minutes some spans have together."""
    return sum(span.minutes for span in spans)


def _around(span: Span, hole: Span) -> list[Span]:
    if hole.end <= span.start or span.end <= hole.start:
        return [span]
    parts = []
    if span.start < hole.start:
        parts.append(Span(span.start, hole.start))
    if hole.end < span.end:
        parts.append(Span(hole.end, span.end))
    return parts
