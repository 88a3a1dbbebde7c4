"""A fact: something that happened, as the journal keeps it."""

from datetime import datetime
from uuid import UUID

import msgspec


class Fact(msgspec.Struct, frozen=True):
    """One thing that happened to one subject.

    `version` counts the facts of a subject from 1 without holes and is given under the
    subject's row lock, so its order is the order of commit. `data` is JSON text without
    personal data and never changes: the same bytes are told to everyone, every time.
    """

    organization_id: UUID
    subject_id: UUID
    version: int
    id: UUID
    kind: str
    at: datetime
    actor: str
    data: str
