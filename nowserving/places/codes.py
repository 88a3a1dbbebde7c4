"""Words of an organization that other systems name by a code: what a case is about, and why."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from nowserving.kit.problems import Blame, Problem


class CodeKind(StrEnum):
    """What a code is for."""

    CLASSIFICATION = "classification"
    PROCEDURE = "procedure"
    PROCEDURE_OPTION = "procedure_option"
    CANCELLATION_REASON = "cancellation_reason"
    PERSONAL_ID_TYPE = "personal_id_type"
    UNIT_TYPE = "unit_type"


class NoSuchCode(Problem):
    """There is no such code."""

    blame = Blame.INPUT


@dataclass(frozen=True, slots=True)
class Code:
    """A word with a code. Numbers count from 1 within a kind.

    `parent_id`: the procedure of an option.
    """

    organization_id: UUID
    id: UUID
    kind: CodeKind
    number: int
    code: str
    name: str
    parent_id: UUID | None = None
    archived: bool = False
