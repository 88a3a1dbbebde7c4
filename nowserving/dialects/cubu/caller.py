"""Which registered application is calling, and whether the address is its own."""

from uuid import UUID

from nowserving.actions.doorway import doorway
from nowserving.dialects.cubu.wire import guid
from nowserving.kit.http import AnyRequest, bearer
from nowserving.kit.problems import Forbidden, NotFound
from nowserving.people.actor import Actor


async def caller(request: AnyRequest) -> Actor:
    """The application a request comes from.

    Raises UnknownCaller without a good token, Forbidden below somebody else's application id.
    """
    actor, client = await doorway(request).callers.client(bearer(request))
    if id_in_path(request, "application_id") != client.application_id:
        raise Forbidden()
    return actor


def id_in_path(request: AnyRequest, name: str) -> UUID:
    """A GUID in the address; NotFound if it is none, for nothing has such an id."""
    id = guid(request.path_params[name])
    if id is None:
        raise NotFound(what=name)
    return id
