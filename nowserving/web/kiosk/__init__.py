"""The kiosk: touch a service, take a number."""

from nowserving.web.kiosk.routes import DOOR

__all__ = ["DOOR"]
