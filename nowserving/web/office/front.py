"""The first page: what there is to administer."""

from litestar import get

from nowserving.kit.http import AnyRequest
from nowserving.kit.problems import Forbidden
from nowserving.web.desk.session import who
from nowserving.web.office.frame import office_page, sections_for
from nowserving.web.pages import Page


@get("/")
async def show(request: AnyRequest) -> Page:
    """The sections somebody may use; Forbidden if there are none."""
    here = await who(request)
    if not sections_for(here.actor):
        raise Forbidden()
    return await office_page(request, "office/front.html", here)


ROUTES = [show]
