"""The booking page: choose a time, say who comes, and change one's mind, without an account."""

from nowserving.web.booking.mine import MINE
from nowserving.web.booking.routes import DOOR

__all__ = ["DOOR", "MINE"]
