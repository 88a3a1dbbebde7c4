"""The front door: whoever opens the bare address works here, and is shown to the desk."""

from litestar import Response, Router, get
from litestar.response import Redirect


@get("/")
async def front() -> Response[None]:
    """Go to the desk."""
    return Redirect("/desk", status_code=303, headers={"Cache-Control": "no-store"})


DOOR = Router("/", route_handlers=[front], include_in_schema=False)
