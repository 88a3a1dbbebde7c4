"""Staff, programs, their sign-ins, and customers."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    Integer,
    bindparam,
    case,
    delete,
    func,
    insert,
    null,
    select,
    text,
    update,
)

from nowserving.people.actor import Units
from nowserving.people.customers import Customer
from nowserving.people.permissions import Role
from nowserving.people.staff import Agent, Client, Group, Session
from nowserving.store import tables
from nowserving.store.engines import Connection, Statement
from nowserving.store.rows import columns_for, row_maker
from nowserving.store.types import Instant

_ORGANIZATION: BindParameter[Any] = bindparam("organization")
_agents, _groups, _clients = tables.agents, tables.groups, tables.clients
_tokens, _sessions, _customers = tables.access_tokens, tables.sessions, tables.customers
_AGENT, _GROUP = columns_for(Agent, _agents), columns_for(Group, _groups)
_CLIENT, _SESSION = columns_for(Client, _clients), columns_for(Session, _sessions)
_CUSTOMER = columns_for(Customer, _customers)

_AGENT_BY_ID = Statement(
    select(*_AGENT).where(
        _agents.c.organization_id == _ORGANIZATION, _agents.c.id == bindparam("id")
    )
)
_AGENTS = Statement(
    select(*_AGENT).where(
        _agents.c.organization_id == _ORGANIZATION, _agents.c.archived == bindparam("archived")
    )
)
_AGENT_BY_LOGIN = Statement(
    select(*_AGENT).where(
        _agents.c.organization_id == _ORGANIZATION, _agents.c.login == bindparam("login")
    )
)
_AGENTS = Statement(
    select(*_AGENT)
    .where(_agents.c.organization_id == _ORGANIZATION, text("not archived"))
    .order_by(_agents.c.number)
)
_NAMED = select(_agents.c.id, _agents.c.name).where(_agents.c.organization_id == _ORGANIZATION)
_NAME_OF = Statement(
    _NAMED.where(_agents.c.id == bindparam("id")),
    postgresql=_NAMED.where(text("id = any(cast(:ids as uuid[]))")),
)
_GROUPS_OF = Statement(
    select(*_GROUP)
    .join(
        tables.memberships,
        (tables.memberships.c.organization_id == _groups.c.organization_id)
        & (tables.memberships.c.group_id == _groups.c.id),
    )
    .where(
        _groups.c.organization_id == _ORGANIZATION,
        tables.memberships.c.agent_id == bindparam("agent"),
    )
)
_ALL_GROUPS = Statement(
    select(*_GROUP).where(_groups.c.organization_id == _ORGANIZATION).order_by(_groups.c.name)
)
_GROUP_BY_ID = Statement(
    select(*_GROUP).where(
        _groups.c.organization_id == _ORGANIZATION, _groups.c.id == bindparam("id")
    )
)
# Counted in the database: guesses made at once all count.
_COUNT_FAILURE = Statement(
    update(_agents)
    .where(_agents.c.organization_id == _ORGANIZATION, _agents.c.id == bindparam("agent"))
    .values(
        failed_sign_ins=case(
            (_agents.c.failed_sign_ins + 1 >= bindparam("most", type_=Integer), 0),
            else_=_agents.c.failed_sign_ins + 1,
        ),
        locked_until=case(
            (
                _agents.c.failed_sign_ins + 1 >= bindparam("most", type_=Integer),
                bindparam("until", type_=Instant),
            ),
            else_=_agents.c.locked_until,
        ),
    )
)
_FORGET_FAILURES = Statement(
    update(_agents)
    .where(_agents.c.organization_id == _ORGANIZATION, _agents.c.id == bindparam("agent"))
    .values(failed_sign_ins=0, locked_until=null())
)
_SET_PASSWORD = Statement(
    update(_agents)
    .where(_agents.c.organization_id == _ORGANIZATION, _agents.c.id == bindparam("agent"))
    .values(password_hash=bindparam("hash"))
)
_old = tables.old_passwords
_OLD_PASSWORDS = Statement(
    select(_old.c.password_hash)
    .where(_old.c.organization_id == _ORGANIZATION, _old.c.agent_id == bindparam("agent"))
    .order_by(_old.c.at.desc())
    .limit(bindparam("most", type_=Integer))
)
_END_SESSIONS = Statement(
    delete(_sessions).where(
        _sessions.c.organization_id == _ORGANIZATION, _sessions.c.agent_id == bindparam("agent")
    )
)
_CLIENT_BY_ID = Statement(
    select(*_CLIENT).where(
        _clients.c.organization_id == _ORGANIZATION, _clients.c.id == bindparam("id")
    )
)
_COUNT_CLIENTS = Statement(
    select(func.count()).where(_clients.c.organization_id == _ORGANIZATION, text("not archived"))
)
_REGISTER_ADDRESSES = Statement(
    update(_clients)
    .where(_clients.c.organization_id == _ORGANIZATION, _clients.c.id == bindparam("client"))
    .values(addresses=bindparam("networks", type_=_clients.c.addresses.type))
)
_ADD_TOKEN = Statement(insert(_tokens))
_FORGET_TOKENS = Statement(
    delete(_tokens).where(
        _tokens.c.organization_id == _ORGANIZATION, _tokens.c.expires_at < bindparam("now")
    )
)
_CLIENT_BY_TOKEN = Statement(
    select(*_CLIENT, _tokens.c.expires_at)
    .join(
        _tokens,
        (_tokens.c.organization_id == _clients.c.organization_id)
        & (_tokens.c.client_id == _clients.c.id),
    )
    .where(_tokens.c.organization_id == _ORGANIZATION, _tokens.c.token_hash == bindparam("hash"))
)
_ADD_SESSION = Statement(insert(_sessions))
_SESSION_BY_TOKEN = Statement(
    select(*_SESSION).where(
        _sessions.c.organization_id == _ORGANIZATION,
        _sessions.c.token_hash == bindparam("hash"),
    )
)
_REPLACE_SESSION = Statement(
    update(_sessions)
    .where(
        _sessions.c.organization_id == _ORGANIZATION,
        _sessions.c.token_hash == bindparam("hash"),
    )
    .values({name: bindparam(name) for name in ("seen_at", "unit_id", "desk_id", "workspace_id")})
)
_TOUCH_SESSION = Statement(
    update(_sessions)
    .where(
        _sessions.c.organization_id == _ORGANIZATION,
        _sessions.c.token_hash == bindparam("hash"),
    )
    .values(seen_at=bindparam("now"))
)
_END_SESSION = Statement(
    delete(_sessions).where(
        _sessions.c.organization_id == _ORGANIZATION,
        _sessions.c.token_hash == bindparam("hash"),
    )
)
_FORGET_SESSIONS = Statement(
    delete(_sessions).where(
        _sessions.c.organization_id == _ORGANIZATION,
        _sessions.c.created_at < bindparam("before"),
    )
)
_CUSTOMER_BY_ID = Statement(
    select(*_CUSTOMER).where(
        _customers.c.organization_id == _ORGANIZATION, _customers.c.id == bindparam("id")
    )
)


class People:
    """The staff, programs and customers of one organization."""

    def __init__(self, connection: Connection, organization_id: UUID) -> None:
        self._connection = connection
        self._organization = organization_id

    async def add(
        self,
        *,
        agents: Sequence[Agent] = (),
        groups: Sequence[Group] = (),
        members: Sequence[tuple[UUID, UUID]] = (),
        clients: Sequence[Client] = (),
        customers: Sequence[Customer] = (),
    ) -> None:
        """Add people and programs; `members` are pairs of a group and an agent."""
        for table, values in (
            (_agents, agents),
            (_groups, groups),
            (_clients, clients),
            (_customers, customers),
        ):
            row = row_maker(table)
            await self._connection.insert(table, [row(value) for value in values])
        pairs = [(self._organization, group, agent) for group, agent in members]
        await self._connection.insert(tables.memberships, pairs)

    async def names(self, ids: Collection[UUID]) -> dict[UUID, str]:
        """The names of some agents."""
        if not ids:
            return {}
        if self._connection.dialect == "postgresql":
            rows = await self._connection.all(
                _NAME_OF, organization=self._organization, ids=list(ids)
            )
        else:
            asked = [{"organization": self._organization, "id": id} for id in ids]
            rows = await self._connection.each(_NAME_OF, asked)
        return dict(rows)

    async def agent(self, id: UUID) -> Agent | None:
        """The agent with this id."""
        row = await self._connection.first(_AGENT_BY_ID, organization=self._organization, id=id)
        return None if row is None else Agent(*row)

    async def everyone(self) -> list[Agent]:
        """All agents who still work here, by number."""
        rows = await self._connection.all(_AGENTS, organization=self._organization, archived=False)
        return [Agent(*row) for row in rows]

    async def agents(self) -> list[Agent]:
        """Everybody who works here, by name."""
        rows = await self._connection.all(_AGENTS, organization=self._organization)
        return sorted((Agent(*row) for row in rows), key=lambda agent: (agent.name, agent.number))

    async def agent_called(self, login: str) -> Agent | None:
        """The agent who signs in with this name."""
        row = await self._connection.first(
            _AGENT_BY_LOGIN, organization=self._organization, login=login
        )
        return None if row is None else Agent(*row)

    async def groups(self) -> list[Group]:
        """Every group, by name."""
        rows = await self._connection.all(_ALL_GROUPS, organization=self._organization)
        return [Group(*row) for row in rows]

    async def groups_of(self, agent: UUID) -> list[Group]:
        """The groups an agent is in."""
        rows = await self._connection.all(_GROUPS_OF, organization=self._organization, agent=agent)
        return [Group(*row) for row in rows]

    async def group(self, id: UUID) -> Group | None:
        """The group with this id."""
        row = await self._connection.first(_GROUP_BY_ID, organization=self._organization, id=id)
        return None if row is None else Group(*row)

    async def roles_of(self, agent: UUID) -> list[tuple[Role, Units]]:
        """Every role an agent has through a group, and where."""
        return [
            (role, None if group.unit_ids is None else frozenset(group.unit_ids))
            for group in await self.groups_of(agent)
            for role in group.roles
        ]

    async def count_failure(self, agent: UUID, *, most: int, until: datetime) -> None:
        """Count a failed sign-in; the `most`-th in a row locks the account until an instant."""
        await self._connection.run(
            _COUNT_FAILURE, organization=self._organization, agent=agent, most=most, until=until
        )

    async def forget_failures(self, agent: UUID) -> None:
        """The password was right: count failures from the beginning."""
        await self._connection.run(_FORGET_FAILURES, organization=self._organization, agent=agent)

    async def set_password(self, agent: UUID, hash: str) -> None:
        """Keep a new hash of the password."""
        await self._connection.run(
            _SET_PASSWORD, organization=self._organization, agent=agent, hash=hash
        )

    async def old_passwords(self, agent: UUID, most: int) -> list[str]:
        """The hashes of an agent's last passwords before the present one, newest first."""
        rows = await self._connection.all(
            _OLD_PASSWORDS, organization=self._organization, agent=agent, most=most
        )
        return [row[0] for row in rows]

    async def keep_old_password(self, agent: UUID, at: datetime, hash: str) -> None:
        """Remember a password that is used no longer."""
        await self._connection.insert(tables.old_passwords, [(self._organization, agent, at, hash)])

    async def end_sessions(self, agent: UUID) -> None:
        """Sign somebody out everywhere."""
        await self._connection.run(_END_SESSIONS, organization=self._organization, agent=agent)

    async def client(self, id: UUID) -> Client | None:
        """The program with this client id."""
        row = await self._connection.first(_CLIENT_BY_ID, organization=self._organization, id=id)
        return None if row is None else Client(*row)

    async def count_clients(self) -> int:
        """How many programs there are that were not archived."""
        row = await self._connection.first(_COUNT_CLIENTS, organization=self._organization)
        return 0 if row is None else int(row[0])

    async def register_addresses(self, client: UUID, networks: Sequence[str] | None) -> None:
        """Keep from where a program may sign its own requests."""
        await self._connection.run(
            _REGISTER_ADDRESSES, organization=self._organization, client=client, networks=networks
        )

    async def add_token(self, hash: bytes, client: UUID, expires_at: datetime) -> None:
        """Keep the hash of a new access token."""
        await self._connection.run(
            _ADD_TOKEN,
            organization_id=self._organization,
            token_hash=hash,
            client_id=client,
            expires_at=expires_at,
        )

    async def forget_tokens(self, now: datetime) -> None:
        """Drop the access tokens that have run out."""
        await self._connection.run(_FORGET_TOKENS, organization=self._organization, now=now)

    async def client_by_token(self, hash: bytes) -> tuple[Client, datetime] | None:
        """The program an access token was given to, and until when it is good."""
        row = await self._connection.first(
            _CLIENT_BY_TOKEN, organization=self._organization, hash=hash
        )
        return None if row is None else (Client(*row[:-1]), row[-1])

    async def add_session(self, session: Session) -> None:
        """Keep a new sign-in."""
        await self._connection.run(_ADD_SESSION, **asdict(session))

    async def session(self, hash: bytes) -> Session | None:
        """The sign-in a browser's token belongs to."""
        row = await self._connection.first(
            _SESSION_BY_TOKEN, organization=self._organization, hash=hash
        )
        return None if row is None else Session(*row)

    async def replace_session(self, session: Session) -> None:
        """Write when a sign-in was last used and where its agent sits."""
        values: dict[str, Any] = asdict(session)
        await self._connection.run(
            _REPLACE_SESSION,
            organization=self._organization,
            hash=session.token_hash,
            **{n: values[n] for n in ("seen_at", "unit_id", "desk_id", "workspace_id")},
        )

    async def touch_session(self, hash: bytes, now: datetime) -> None:
        """Write when a sign-in was last used, and nothing that somebody may be changing."""
        await self._connection.run(
            _TOUCH_SESSION, organization=self._organization, hash=hash, now=now
        )

    async def end_session(self, hash: bytes) -> None:
        """Sign out."""
        await self._connection.run(_END_SESSION, organization=self._organization, hash=hash)

    async def forget_sessions(self, before: datetime) -> None:
        """Drop the sign-ins that began before an instant."""
        await self._connection.run(_FORGET_SESSIONS, organization=self._organization, before=before)

    async def customer(self, id: UUID) -> Customer | None:
        """The customer with this id."""
        row = await self._connection.first(_CUSTOMER_BY_ID, organization=self._organization, id=id)
        return None if row is None else Customer(*row)
