"""The page of one case: what is known of it, what happened, and what can be done."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import get
from litestar.params import FromPath

from nowserving.actions.act import Act
from nowserving.actions.doorway import doorway
from nowserving.actions.letters import letters_of
from nowserving.actions.search import find
from nowserving.actions.sign_in import SignedIn
from nowserving.actions.views import CaseFile, case_file, programs_in
from nowserving.actions.work import links_of
from nowserving.cases.case import Case
from nowserving.cases.finding import Filter
from nowserving.cases.work import CaseLink
from nowserving.kit.http import AnyRequest, status_of
from nowserving.kit.ids import token
from nowserving.kit.problems import NotFound, Problem
from nowserving.people.permissions import Permission
from nowserving.web.desk.session import Form, who
from nowserving.web.pages import Page, page, speech_for
from nowserving.web.words import N_

SAID = {
    "open": N_("The case is open."),
    "status": N_("The status is saved."),
    "take_up": N_("You are working on this case."),
    "assign": N_("Saved who is in charge."),
    "correct": N_("The changes are saved."),
    "note": N_("The note is saved."),
    "write": N_("The mail to the customer is on its way."),
    "again": N_("The mail is on its way again."),
    "link": N_("The cases are linked."),
    "unlink": N_("The cases are linked no more."),
    "merge": N_("A duplicate was merged into this case."),
    "reopen": N_("The case is open again."),
    "part": N_("Saved what it is a part of."),
    "files": N_("The files are on the case."),
    "remove": N_("The file is removed."),
}

PARTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Linked:
    """Another case, seen from this one."""

    link: CaseLink
    other: Case
    forward: bool


@get("/{id:uuid}")
async def show(request: AnyRequest, id: FromPath[UUID]) -> Page:
    """One case."""
    return await draw_case(request, await who(request), id)


ROUTES = [show]


async def draw_case(
    request: AnyRequest,
    here: SignedIn,
    case_id: UUID,
    *,
    problem: Problem | None = None,
    form: Form | None = None,
) -> Page:
    """The page of a case; with a problem, what was entered stands in its fields again."""
    house = doorway(request).house
    directory = await house.directory(here.actor.organization_id)
    async with house.acting(here.actor) as act:
        file = await case_file(act, case_id=case_id)
        case = file.case
        works = here.actor.may(Permission.WORK_CASES, at=case.unit_id)
        in_charge = {id for id in (case.assigned_to, case.owner_id) if id is not None}
        context: dict[str, Any] = {
            "works": works,
            "letters": await letters_of(act, case_id=case_id),
            "linked": await _linked(act, case_id),
            "agents": await act.look.people.agents() if works else [],
            "programs": await programs_in(act, file.history),
            "names": await act.look.people.names(in_charge),
            "parent": await _seen(act, case.parent_id),
            "parts": (await find(act, wanted=Filter(parent_id=case_id), most=PARTS_SHOWN)).cases,
            "into": await _seen(act, case.merged_into_id),
        }
    said = request.query_params.get("said", "")
    return page(
        request,
        "cases/case.html",
        status=status_of(problem) if problem else 200,
        speaks=speech_for(request, country=directory.organization.country),
        here=here,
        file=file,
        case=case,
        details=file.details,
        directory=directory,
        unit=directory.unit(case.unit_id),
        label=_label(file, directory),
        verbs=[move.verb for move in case.possible_moves()],
        now=house.clock(),
        key=token(),
        back="",
        said=SAID.get(said, ""),
        problem=problem,
        form=form or Form({}),
        **context,
    )


def _label(file: CaseFile, directory: Any) -> str:
    """The organization's name for where the case stands; empty if it has none."""
    one = directory.statuses.get(file.case.status_id) if file.case.status_id else None
    return one.name if one is not None else ""


async def _linked(act: Act, case_id: UUID) -> list[Linked]:
    found = []
    for link in await links_of(act, case_id=case_id):
        forward = link.from_id == case_id
        other = await _seen(act, link.to_id if forward else link.from_id)
        if other is not None:
            found.append(Linked(link, other, forward))
    return found


async def _seen(act: Act, case_id: UUID | None) -> Case | None:
    """Another case, as far as it may be seen."""
    try:
        return await act.look.cases.get(case_id) if case_id else None
    except NotFound:
        return None
