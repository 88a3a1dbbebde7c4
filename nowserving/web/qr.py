"""QR codes as SVG without any style of their own, so that a strict CSP has no objection."""

from functools import lru_cache
from io import BytesIO

import segno
from markupsafe import Markup

QUIET = 3
"""Empty modules around the code."""


@lru_cache(maxsize=256)
def qr(text: str, label: str) -> Markup:
    """A picture that stands in a page, with a name for those who do not see it."""
    named = Markup('<svg class="qr" role="img" aria-label="{}"').format(label)
    return Markup(_drawn(text, xmlns=False).replace("<svg", named, 1))


@lru_cache(maxsize=256)
def qr_file(text: str) -> bytes:
    """The picture as a file of its own."""
    return _drawn(text, xmlns=True).encode()


def _drawn(text: str, *, xmlns: bool) -> str:
    """Dark on light in every colour scheme: phones read nothing else for certain."""
    drawn = BytesIO()
    segno.make_qr(text, error="m").save(
        drawn,
        kind="svg",
        border=QUIET,
        light="#fff",
        omitsize=True,
        svgclass=None,
        lineclass=None,
        xmldecl=False,
        svgns=xmlns,
        nl=False,
    )
    return drawn.getvalue().decode()
