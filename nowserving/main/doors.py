"""The doors of the house: a wire language or a page is one line here."""

from litestar import Router

DOORS: list[Router] = []
