"""The doors of the house: a wire language or a page is one line here."""

from litestar import Router

from nowserving.dialects.cubu.routes import DOOR as CUBU
from nowserving.dialects.ical.routes import DOOR as ICAL
from nowserving.dialects.mail.routes import DOOR as MAIL
from nowserving.dialects.native.routes import DOOR as NATIVE
from nowserving.dialects.qflow.routes import DOOR as QFLOW
from nowserving.dialects.vcc.routes import DOOR as VCC
from nowserving.dialects.wolkvox.routes import DOOR as WOLKVOX
from nowserving.web import assets, board, booking, cases, desk, front, kiosk, office, ticket

DOORS: list[Router] = [
    CUBU,
    ICAL,
    MAIL,
    NATIVE,
    QFLOW,
    VCC,
    WOLKVOX,
    assets.DOOR,
    board.DOOR,
    booking.DOOR,
    booking.MINE,
    cases.DOOR,
    desk.DOOR,
    front.DOOR,
    kiosk.DOOR,
    office.DOOR,
    ticket.DOOR,
]
