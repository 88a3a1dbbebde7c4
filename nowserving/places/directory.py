"""Everything an organization is made of, as one frozen picture of one moment.

It changes a few times a month and is read at every request, so each process keeps the
picture and asks only for its version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, TypeVar
from uuid import UUID

from nowserving.kit.problems import NotFound
from nowserving.places.codes import Code, CodeKind, NoSuchCode
from nowserving.places.data_tables import DataTable, usual_customers
from nowserving.places.hooks import Hook, HookKind, HookState
from nowserving.places.organization import BackOfficeTask, Desk, Organization, Unit
from nowserving.places.services import (
    Field,
    Merge,
    Outcome,
    Queue,
    Route,
    Service,
    ServiceCategory,
    ServiceType,
    Tag,
    Workspace,
)
from nowserving.places.statuses import CasePriority, CaseStatus


class _Named(Protocol):
    @property
    def id(self) -> UUID: ...


Thing = TypeVar("Thing", bound=_Named)


@dataclass(frozen=True)
class Directory:
    """An organization's units, desks, queues, services and words, at one version."""

    version: int
    organization: Organization
    units: Mapping[UUID, Unit]
    desks: Mapping[UUID, Desk]
    queues: Mapping[UUID, Queue]
    workspaces: Mapping[UUID, Workspace]
    categories: Mapping[UUID, ServiceCategory]
    types: Mapping[UUID, ServiceType]
    services: Mapping[UUID, Service]
    fields: Mapping[UUID, Field]
    tags: Mapping[UUID, Tag]
    outcomes: Mapping[UUID, Outcome]
    routes: frozenset[Route]
    tasks: Mapping[UUID, BackOfficeTask]
    statuses: Mapping[UUID, CaseStatus] = field(default_factory=dict)
    priorities: Mapping[UUID, CasePriority] = field(default_factory=dict)
    hooks: Mapping[UUID, Hook] = field(default_factory=dict)
    tables: Mapping[UUID, DataTable] = field(default_factory=dict)
    codes: Mapping[UUID, Code] = field(default_factory=dict)

    def unit(self, id: UUID) -> Unit:
        """The unit with this id."""
        return _found(self.units, id, "unit")

    def unit_numbered(self, number: int) -> Unit:
        """The unit with this number."""
        return _first((u for u in self.units.values() if u.number == number), "unit", number)

    def desk(self, id: UUID) -> Desk:
        """The desk with this id."""
        return _found(self.desks, id, "desk")

    def queue(self, id: UUID) -> Queue:
        """The queue with this id."""
        return _found(self.queues, id, "queue")

    def queue_at(self, unit_id: UUID, id: UUID) -> Queue:
        """The queue with this id, if people are called from it in this unit."""
        queue = self.queue(id)
        if queue.unit_id != unit_id or queue.inbox:
            raise NotFound(what="queue", id=id)
        return queue

    def service(self, id: UUID) -> Service:
        """The service with this id that is still offered."""
        service = _found(self.services, id, "service")
        if service.archived:
            raise NotFound(what="service", id=id)
        return service

    def workspace(self, id: UUID) -> Workspace:
        """The workspace with this id."""
        return _found(self.workspaces, id, "workspace")

    def outcome(self, id: UUID) -> Outcome:
        """The outcome with this id."""
        return _found(self.outcomes, id, "outcome")

    def task(self, id: UUID) -> BackOfficeTask:
        """The back office task with this id."""
        return _found(self.tasks, id, "task")

    def status(self, id: UUID) -> CaseStatus:
        """The status with this id."""
        return _found(self.statuses, id, "status")

    def priority(self, id: UUID) -> CasePriority:
        """The priority with this id."""
        return _found(self.priorities, id, "priority")

    def statuses_of(self, type_id: UUID) -> list[CaseStatus]:
        """The statuses that a case of this service type can have, in their order."""
        offered = (
            one
            for one in self.statuses.values()
            if one.type_id in (None, type_id) and not one.archived
        )
        return sorted(offered, key=lambda one: (one.position, one.name))

    def offered_priorities(self) -> list[CasePriority]:
        """The priorities by name, in their order."""
        offered = (one for one in self.priorities.values() if not one.archived)
        return sorted(offered, key=lambda one: (one.position, one.name))

    def lined(self, service: Service) -> bool:
        """Do cases of this service stand in a line?"""
        return not self.queues[service.queue_id].inbox

    def hook(self, id: UUID) -> Hook:
        """The hook with this id."""
        return _found(self.hooks, id, "hook")

    def hooks_for(
        self, kind: HookKind, unit_id: UUID | None = None, service_id: UUID | None = None
    ) -> list[Hook]:
        """Who is to be asked here, the eldest first."""
        hooks = self._hooks_by_kind.get(kind)
        return [one for one in hooks if one.wants(unit_id, service_id)] if hooks else []

    def codes_of(self, kind: CodeKind) -> list[Code]:
        """The codes of a kind, in the order of their numbers."""
        offered = (one for one in self.codes.values() if one.kind is kind and not one.archived)
        return sorted(offered, key=lambda one: one.number)

    def coded(self, kind: CodeKind, code: str, *, field: str = "code") -> Code:
        """The word with a code, in whatever case it is written; NoSuchCode if there is none."""
        for one in self.codes_of(kind):
            if one.code.casefold() == code.casefold():
                return one
        raise NoSuchCode(field=field, code=code)

    def code_numbered(self, kind: CodeKind, number: int, *, field: str = "code") -> Code:
        """The word with a number; NoSuchCode if there is none."""
        for one in self.codes_of(kind):
            if one.number == number:
                return one
        raise NoSuchCode(field=field, number=number)

    def merges_of(self, queue_ids: Iterable[UUID]) -> dict[UUID, Merge]:
        """How some queues merge people with an appointment and without."""
        known = (self.queues.get(id) for id in queue_ids)
        return {queue.id: queue.merge for queue in known if queue is not None}

    def services_of(self, unit_id: UUID) -> list[Service]:
        """What a unit offers, in the order of the services' numbers."""
        offered = (s for s in self.services.values() if s.unit_id == unit_id and not s.archived)
        return sorted(offered, key=lambda service: service.number)

    def types_of(self, service: Service) -> list[ServiceType]:
        """The service types a service can be asked for, in the order of their numbers."""
        return self._types_by_category.get(service.category_id, [])

    def desks_of(self, unit_id: UUID) -> list[Desk]:
        """A unit's desks, in the order of their numbers."""
        return sorted(
            (desk for desk in self.desks.values() if desk.unit_id == unit_id),
            key=lambda desk: desk.number,
        )

    def queues_of(self, unit_id: UUID) -> list[Queue]:
        """A unit's queues, in their order."""
        return sorted(
            (queue for queue in self.queues.values() if queue.unit_id == unit_id),
            key=lambda queue: queue.position,
        )

    def workspaces_of(self, unit_id: UUID) -> list[Workspace]:
        """A unit's workspaces, by name."""
        return sorted(
            (space for space in self.workspaces.values() if space.unit_id == unit_id),
            key=lambda space: space.name,
        )

    def routes_from(self, queue_id: UUID) -> list[Queue]:
        """The queues a case may be transferred to from this one, in their order."""
        reached = {route.to_queue_id for route in self.routes if route.from_queue_id == queue_id}
        return sorted(
            (self.queues[id] for id in reached if id in self.queues), key=lambda q: q.position
        )

    def fields_of(self, category_id: UUID) -> list[Field]:
        """What a category asks of its cases, in order."""
        return self._fields_by_category.get(category_id, [])

    @cached_property
    def customers(self) -> DataTable:
        """The table of customers: which fields they have, and how they are titled."""
        of = self.organization.id
        return self.tables.get(of) or usual_customers(of)

    @property
    def own_tables(self) -> list[DataTable]:
        """The tables that the organization made itself, by name."""
        made = (one for one in self.tables.values() if not one.of_customers)
        return sorted(made, key=lambda one: (one.name, one.id))

    def own_table(self, id: UUID) -> DataTable:
        """The table with this id that the organization made itself."""
        table = _found(self.tables, id, "table")
        if table.of_customers:
            raise NotFound(what="table", id=id)
        return table

    @cached_property
    def _types_by_category(self) -> dict[UUID, list[ServiceType]]:
        kinds: dict[UUID, list[ServiceType]] = {}
        for kind in sorted(self.types.values(), key=lambda kind: kind.number):
            kinds.setdefault(kind.category_id, []).append(kind)
        return kinds

    @cached_property
    def _hooks_by_kind(self) -> dict[HookKind, list[Hook]]:
        hooks: dict[HookKind, list[Hook]] = {}
        for hook in sorted(self.hooks.values(), key=lambda hook: (hook.created_at, hook.id)):
            if hook.state is HookState.ACTIVE:
                hooks.setdefault(hook.kind, []).append(hook)
        return hooks

    @cached_property
    def _fields_by_category(self) -> dict[UUID, list[Field]]:
        fields: dict[UUID, list[Field]] = {}
        for one in sorted(self.fields.values(), key=lambda field: field.position):
            if one.archived:
                continue
            fields.setdefault(one.category_id, []).append(one)
        return fields


def _found(things: Mapping[UUID, Thing], id: UUID, what: str) -> Thing:
    thing = things.get(id)
    if thing is None:
        raise NotFound(what=what, id=id)
    return thing


def _first(things: Iterable[Thing], what: str, number: int) -> Thing:
    for thing in things:
        return thing
    raise NotFound(what=what, id=number)
