"""From which addresses a program may sign its own requests."""

from collections.abc import Sequence
from ipaddress import ip_network
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.kit.problems import Forbidden, Invalid, NotFound
from nowserving.people.permissions import Permission

NETWORKS_AT_MOST = 100


async def register_addresses(
    act: Act, *, client_id: UUID, networks: Sequence[str] | None
) -> tuple[str, ...] | None:
    """Let a program call from these networks and addresses only; None: from anywhere.

    Answers them as they are kept. Raises Invalid for what is no network, NotFound for an
    unknown program.
    """
    if not act.actor.may_everywhere(Permission.MANAGE_PEOPLE):
        raise Forbidden(permission=Permission.MANAGE_PEOPLE)
    if networks is not None and len(networks) > NETWORKS_AT_MOST:
        raise Invalid(field="networks", reason=f"at most {NETWORKS_AT_MOST}")
    if await act.store.people.client(client_id) is None:
        raise NotFound(what="client", id=client_id)
    kept = None if networks is None else tuple(_network(one) for one in networks)
    await act.store.people.register_addresses(client_id, kept)
    return kept


def _network(text: str) -> str:
    try:
        return str(ip_network(text.strip(), strict=False))
    except ValueError:
        raise Invalid(field="networks", reason=f"{text} is no address or network") from None
