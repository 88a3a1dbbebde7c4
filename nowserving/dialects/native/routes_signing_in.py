"""Finding out who asks: tokens for programs and for agents."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from nowserving.actions import desk_posts, sign_in
from nowserving.actions.act import Act
from nowserving.actions.house import House
from nowserving.cases.case import DeskTaken
from nowserving.dialects.native import orders, say, shapes
from nowserving.dialects.native.operations import Caller, Chapter, Knock
from nowserving.kit.problems import Invalid, NotFound, TooMany
from nowserving.people.staff import AGE_AT_MOST, LockedOut, UnknownCaller, WrongPassword

CHAPTER = Chapter(
    "Signing in",
    "Send the token with each request: `Authorization: Bearer <token>`. A program gets one "
    "with its client id and secret, an agent with name and password.",
)


@CHAPTER.post(
    "/token",
    caller=Caller.ANYBODY,
    form=True,
    raises=(UnknownCaller, TooMany),
    example={
        "grant_type": "client_credentials",
        "client_id": "0198c0de-0000-7000-8000-000000000001",
        "client_secret": "the secret",
    },
)
async def get_token(knock: Knock, order: orders.GetToken) -> shapes.Token:
    """Get a token for a program.

    OAuth 2.0 client credentials, as a form or as JSON, the client's id and secret in the
    body or by HTTP Basic.
    """
    client_id, secret = _credentials(knock, order)
    with _paced(knock):
        organization_id = await _organization(knock.here.house, order.organization)
        access, good_for = await sign_in.issue_token(
            knock.here.house, organization_id=organization_id, client_id=client_id, secret=secret
        )
    return shapes.Token(access, "Bearer", int(good_for.total_seconds()))


@CHAPTER.post(
    "/sign-in",
    caller=Caller.ANYBODY,
    raises=(WrongPassword, LockedOut, TooMany),
    example={"organization": "demo", "login": "ann", "password": "the password"},
)
async def sign_agent_in(knock: Knock, order: orders.SignIn) -> shapes.Token:
    """Get a token for an agent.

    It lasts until nobody has used it for three days, and for a week at most.
    """
    house = knock.here.house
    with _paced(knock):
        try:
            organization_id = (await house.organization_called(order.organization)).id
        except NotFound:
            raise WrongPassword() from None
        token, _ = await sign_in.sign_in(
            house, organization_id=organization_id, login=order.login, password=order.password
        )
    return shapes.Token(token, "Bearer", int(AGE_AT_MOST.total_seconds()))


@CHAPTER.post("/sign-out", caller=Caller.ANYBODY, raises=(UnknownCaller,))
async def sign_agent_out(knock: Knock) -> None:
    """End an agent's token and leave the desk."""
    house = knock.here.house
    await sign_in.sign_out(house, await sign_in.signed_in(house, knock.token))
    knock.here.callers.forget(knock.token)


@CHAPTER.get("/me")
async def get_me(act: Act) -> shapes.Me:
    """Say who is asking."""
    directory = await act.directory()
    return shapes.Me(
        kind=act.actor.kind,
        id=act.actor.id,
        name=act.actor.name,
        organization=say.like(directory.organization, shapes.Organization),
        permissions=sorted(act.actor.grants),
    )


@CHAPTER.post("/desks/{desk_id}/sit-down", raises=(DeskTaken,), example={"take_over": False})
async def sit_down(act: Act, desk_id: UUID, order: orders.SitDown) -> shapes.Desk:
    """Take a desk, and leave any other. For agents."""
    taken = await desk_posts.sit_down(
        act, desk_id=desk_id, take_over=order.take_over, leave_others=not order.keep_others
    )
    return say.like(taken, shapes.Desk)


@CHAPTER.post("/desks/{desk_id}/leave")
async def leave_desk(act: Act, desk_id: UUID) -> shapes.Desk:
    """Leave this desk and no other; nothing happens if one does not sit there. For agents."""
    return say.like(await desk_posts.leave_desk(act, desk_id=desk_id), shapes.Desk)


@CHAPTER.post("/get-up")
async def get_up(act: Act) -> None:
    """Leave the desk. For agents."""
    await desk_posts.get_up(act)


@contextmanager
def _paced(knock: Knock) -> Iterator[None]:
    """Count a try; if it was right, it does not count."""
    knock.here.failures.take(knock.address, knock.here.house.clock())
    yield
    knock.here.failures.give_back(knock.address)


async def _organization(house: House, slug: str | None) -> UUID:
    if slug is not None:
        try:
            return (await house.organization_called(slug)).id
        except NotFound:
            raise UnknownCaller() from None
    organizations = await house.organizations()
    if len(organizations) != 1:
        raise Invalid(field="organization", reason="which of the organizations?")
    return organizations[0].id


def _credentials(knock: Knock, order: orders.GetToken) -> tuple[UUID, str]:
    if order.client_id is not None and order.client_secret is not None:
        return order.client_id, order.client_secret
    if knock.basic is None:
        raise Invalid(reason="client_id and client_secret are needed")
    try:
        return UUID(knock.basic[0]), knock.basic[1]
    except ValueError:
        raise UnknownCaller() from None
