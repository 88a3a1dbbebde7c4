"""Registered applications: programs with credentials and roles, few for each organization."""

from collections.abc import Sequence

from nowserving.actions.act import Act
from nowserving.kit.ids import token
from nowserving.kit.problems import Forbidden, Invalid
from nowserving.kit.texts import kept
from nowserving.kit.vault import fingerprint
from nowserving.people.permissions import ALLOWED, Permission, Role
from nowserving.people.staff import Client

APPLICATIONS_AT_MOST = 5
"""So many programs an organization registers at the most (reference/cubu.md 2.1)."""

NAME_AT_MOST = 200


async def register_application(act: Act, *, name: str, roles: Sequence[Role]) -> tuple[Client, str]:
    """Register a program, and its secret, which is shown this once.

    Nobody gives a program what they may not do themselves. Invalid for the sixth.
    """
    for permission in (Permission.MANAGE_INTEGRATIONS, *_of(roles)):
        if not act.actor.may_anywhere(permission):
            raise Forbidden(permission=permission)
    name = kept(name.strip(), field="name", at_most=NAME_AT_MOST)
    if not name or not roles:
        raise Invalid(field="roles" if name else "name", reason="a name and a role are needed")
    await act.store.places.changed()  # one at a time: whoever counts holds the organization
    if await act.store.people.count_clients() >= APPLICATIONS_AT_MOST:
        raise Invalid(reason=f"an organization has {APPLICATIONS_AT_MOST} applications at most")
    secret = token()
    client = Client(
        organization_id=act.actor.organization_id,
        id=act.new_id(),
        application_id=act.new_id(),
        name=name,
        secret_hash=fingerprint(secret).hex(),
        roles=tuple(dict.fromkeys(roles)),
    )
    await act.store.people.add(clients=[client])
    return client, secret


def _of(roles: Sequence[Role]) -> list[Permission]:
    return sorted({permission for role in roles for permission in ALLOWED[role]})
