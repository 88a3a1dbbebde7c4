"""Drawing pages: templates, the headers every page carries, and pages for what went wrong."""

import gzip
import hashlib
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from litestar import Response
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException

from nowserving.actions.doorway import doorway, problem_of
from nowserving.kit.http import AnyRequest, status_of
from nowserving.kit.problems import Forbidden, Problem
from nowserving.web import words
from nowserving.web.assets import asset
from nowserving.web.speech import LANGUAGES, WEB, Speech, chosen, speech, translations

CSP = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
STRICT = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
LANGUAGE_COOKIE = "language"
WORTH_ZIPPING = 1200

Page = Response[bytes]


def page(
    request: AnyRequest,
    template: str,
    *,
    status: int = 200,
    speaks: Speech | None = None,
    headers: Mapping[str, str] | None = None,
    cookies: list[Cookie] | None = None,
    **context: Any,
) -> Page:
    """A whole page. It is kept by no cache unless `headers` say so.

    A language asked for in the address (`?lang=de`) is remembered by the browser.
    """
    speaks = speaks or speech_for(request)
    cookies = list(cookies or ())
    if base := request.query_params.get("lang"):
        cookies.append(
            Cookie(
                LANGUAGE_COOKIE,
                value=chosen([base]),
                max_age=31536000,
                secure=doorway(request).secure,
                httponly=True,
                samesite="lax",
            )
        )
    html = draw(template, speaks, request=request, **context)
    all_headers = {"Cache-Control": "no-store", **(headers or {})}
    return _sent(request, html, status, speaks, headers=all_headers, cookies=cookies)


def fragment(
    request: AnyRequest,
    template: str,
    *,
    status: int = 200,
    speaks: Speech | None = None,
    headers: Mapping[str, str] | None = None,
    **context: Any,
) -> Page:
    """A part of a page that is asked for again and again: 304 while it has not changed."""
    speaks = speaks or speech_for(request)
    html = draw(template, speaks, request=request, **context)
    etag = f'"{hashlib.sha256(html).hexdigest()[:24]}"'
    all_headers = {"Cache-Control": "no-store", "ETag": etag, **(headers or {})}
    if status == 200 and request.headers.get("if-none-match") == etag:
        return Response(b"", status_code=304, headers={**STRICT, **all_headers})
    return _sent(request, html, status, speaks, headers=all_headers)


def draw(template: str, speaks: Speech, **context: Any) -> bytes:
    """A template, filled in. `say` is the language; `words` has the names of things."""
    drawn = _environment(speaks.language).get_template(template)
    return drawn.render(say=speaks, words=words, languages=LANGUAGES, **context).encode()


def speech_for(request: AnyRequest, *wishes: str | None, country: str | None = None) -> Speech:
    """The language of a page: asked for in the address, wished for, remembered, accepted."""
    asked = request.query_params.get("lang")
    kept = request.cookies.get(LANGUAGE_COOKIE)
    accepted = request.headers.get("accept-language", "")
    return speech(chosen([asked, *wishes, kept], accepted), country)


def same_origin(request: AnyRequest) -> None:
    """Forbidden if a browser says that another site sent this form."""
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        raise Forbidden(reason="sent by another site")
    ours = {request.headers.get("host"), urlsplit(doorway(request).base_url).netloc}
    if origin is not None and urlsplit(origin).netloc not in ours:
        raise Forbidden(reason="sent by another site")


def sorry(request: AnyRequest, failure: Exception) -> Page:
    """The page for whatever went wrong: what happened, and what to do now."""
    problem = problem_of(failure)
    return page(
        request,
        "sorry.html",
        status=500 if problem is None else status_of(problem),
        problem=problem,
    )


def answered_by(
    handler: Callable[[AnyRequest, Any], Any],
) -> MutableMapping[int | type[Exception], Any]:
    """The exception handlers of a surface: one for everything, before those of the application."""
    return {Problem: handler, HTTPException: handler, Exception: handler}


def _sent(
    request: AnyRequest,
    html: bytes,
    status: int,
    speaks: Speech,
    *,
    headers: Mapping[str, str],
    cookies: Sequence[Cookie] = (),
) -> Page:
    all_headers = {
        **STRICT,
        "Content-Language": speaks.tag,
        "Vary": "Accept-Encoding, Accept-Language, Cookie",
        **headers,
    }
    if len(html) > WORTH_ZIPPING and "gzip" in request.headers.get("accept-encoding", ""):
        html = gzip.compress(html, 5, mtime=0)
        all_headers["Content-Encoding"] = "gzip"
    return Response(
        html,
        status_code=status,
        headers=all_headers,
        cookies=list(cookies),
        media_type="text/html",
    )


@cache
def _environment(language: str) -> Environment:
    """The templates in one language: the shared ones, and each surface's under its name."""
    surfaces = {path.parent.name: FileSystemLoader(path) for path in WEB.glob("*/templates")}
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(WEB / "templates"), PrefixLoader(surfaces)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
    )
    environment.policies["ext.i18n.trimmed"] = True
    said = translations(language)
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        said.gettext, said.ngettext, newstyle=True
    )
    environment.globals["asset"] = asset
    return environment
