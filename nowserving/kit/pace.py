"""How fast somebody may try: a bucket of tokens for each name, in this process."""

import math
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from nowserving.kit.problems import TooMany

NAMES_AT_MOST = 10_000
"""Buckets kept at once; beyond, those that have filled up again are forgotten."""


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: datetime


class Pace:
    """`burst` tries at once, and one more each time `every` has passed.

    Where only failures shall count, take before trying and give back after a success: then
    tries made at the same moment count too.
    """

    def __init__(self, *, burst: int, every: timedelta, names_at_most: int = NAMES_AT_MOST) -> None:
        self._burst = burst
        self._every = every
        self._names_at_most = names_at_most
        self._buckets: dict[Hashable, _Bucket] = {}

    def take(self, name: Hashable, now: datetime) -> None:
        """Count one try; TooMany, with the `seconds` to wait, if there have been too many."""
        bucket = self._filled(name, now)
        if bucket.tokens < 1:
            raise TooMany(seconds=math.ceil((1 - bucket.tokens) * self._every.total_seconds()))
        bucket.tokens -= 1

    def give_back(self, name: Hashable) -> None:
        """That try shall not count."""
        bucket = self._buckets.get(name)
        if bucket is not None:
            bucket.tokens = min(self._burst, bucket.tokens + 1)

    def _filled(self, name: Hashable, now: datetime) -> _Bucket:
        bucket = self._buckets.get(name)
        if bucket is None:
            if len(self._buckets) >= self._names_at_most:
                self._make_room(now)
            bucket = self._buckets[name] = _Bucket(self._burst, now)
        elif now > bucket.at:
            bucket.tokens = self._tokens(bucket, now)
            bucket.at = now
        return bucket

    def _tokens(self, bucket: _Bucket, now: datetime) -> float:
        return min(self._burst, bucket.tokens + (now - bucket.at) / self._every)

    def _make_room(self, now: datetime) -> None:
        """Forget the full buckets; if none is full, the oldest half."""
        kept = {n: b for n, b in self._buckets.items() if self._tokens(b, now) < self._burst}
        if len(kept) >= self._names_at_most:
            kept = dict(list(kept.items())[len(kept) // 2 :])
        self._buckets = kept


def neighbourhood(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(IPv6Address(int(parsed) >> 64 << 64))
