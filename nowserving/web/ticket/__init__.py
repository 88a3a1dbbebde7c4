"""The ticket page: one's own place in the line, on one's own phone."""

from nowserving.web.ticket.routes import DOOR

__all__ = ["DOOR"]
