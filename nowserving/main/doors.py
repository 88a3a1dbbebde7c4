"""The doors of the house: a wire language or a page is one line here."""

from litestar import Router

from nowserving.web import assets

DOORS: list[Router] = [
    assets.DOOR,
]
