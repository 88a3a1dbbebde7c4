"""The frame of every page here: the sections somebody may use, and where they are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nowserving.actions.act import Act
from nowserving.actions.deliveries import in_trouble
from nowserving.actions.doorway import doorway
from nowserving.actions.sign_in import SignedIn
from nowserving.kit.http import AnyRequest, status_of
from nowserving.kit.problems import Forbidden, Problem
from nowserving.people.actor import Actor, agent_named
from nowserving.people.permissions import Permission
from nowserving.store.audit import Change
from nowserving.web.desk.session import who
from nowserving.web.office import said
from nowserving.web.pages import Page, page, speech_for
from nowserving.web.words import N_

CHANGES_SHOWN = 20
"""Of one thing that was set up."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of administration: its address, its name, and who may use it."""

    path: str
    title: str
    about: str
    needs: Permission
    or_needs: Permission | None = None

    def open_to(self, actor: Actor) -> bool:
        """May somebody use it? Only who has the whole organization in this respect."""
        permissions = [one for one in (self.needs, self.or_needs) if one is not None]
        return any(actor.may_everywhere(one) for one in permissions)


SECTIONS = (
    Section(
        "/office/webhooks",
        N_("Webhooks"),
        N_("Which other systems are told what happens here, and how they take it."),
        Permission.MANAGE_INTEGRATIONS,
    ),
    Section(
        "/office/hooks",
        N_("Who is asked"),
        N_("Other systems that are asked before something is done, and what they answer."),
        Permission.MANAGE_INTEGRATIONS,
    ),
    Section(
        "/office/deliveries",
        N_("Deliveries"),
        N_("What they were told, what came back, and telling them again."),
        Permission.MANAGE_INTEGRATIONS,
    ),
    Section(
        "/office/replays",
        N_("Telling again"),
        N_("Repair what did not arrive, and try whether an address takes what it is told."),
        Permission.MANAGE_INTEGRATIONS,
    ),
    Section(
        "/office/tokens",
        N_("Tokens"),
        N_("What programs made for wolkvox CRM bring with each request, and how often they came."),
        Permission.MANAGE_INTEGRATIONS,
    ),
    Section(
        "/office/set-up",
        N_("Setting up"),
        N_("Statuses, priorities, types and fields of cases, inboxes, codes, references."),
        Permission.MANAGE_PLACES,
    ),
    Section(
        "/office/tables",
        N_("Data tables"),
        N_("What is kept of customers and in tables of your own: fields, and records."),
        Permission.MANAGE_CUSTOMERS,
        Permission.MANAGE_PLACES,
    ),
)
"""Whoever adds a section adds a line here."""


def sections_for(actor: Actor) -> list[Section]:
    """The sections somebody may use: those of which they have the whole organization."""
    return [section for section in SECTIONS if section.open_to(actor)]


async def who_may(request: AnyRequest, permission: Permission) -> SignedIn:
    """Whoever sent this request, if the whole organization is theirs in this respect.

    UnknownCaller if they must sign in first; Forbidden.
    """
    here = await who(request)
    if not here.actor.may_everywhere(permission):
        raise Forbidden(permission=permission)
    return here


async def office_page(
    request: AnyRequest,
    template: str,
    here: SignedIn,
    *,
    problem: Problem | None = None,
    **context: Any,
) -> Page:
    """A page within the frame; `problem`: what went wrong with what was just sent.

    The template also has `directory`, `zone` for its times (the organization's), and `office`
    with the words of administration.
    """
    house = doorway(request).house
    directory = await house.directory(here.actor.organization_id)
    async with house.acting(here.actor) as act:
        trouble = await in_trouble(act)
    return page(
        request,
        template,
        status=status_of(problem) if problem else 200,
        speaks=speech_for(request, country=directory.organization.country),
        here=here,
        sections=sections_for(here.actor),
        directory=directory,
        zone=directory.organization.zone,
        trouble=trouble,
        problem=problem,
        office=said,
        **context,
    )


async def names_behind(act: Act, changes: Sequence[Change]) -> dict[str, str]:
    """What those are called who made some changes, as far as they have a name."""
    ids = {one.actor: agent for one in changes if (agent := agent_named(one.actor))}
    names = await act.look.people.names(set(ids.values()))
    return {actor: names[agent] for actor, agent in ids.items() if agent in names}
