"""How a page speaks: words from the `.po` files, dates and numbers by the rules of a language.

The English sentence is the key of a message. Each surface keeps its own words in its folder
`locale/`; what all share stands in `web/locale/`. They are read when the process starts.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    get_timezone_name,
)
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations
from markupsafe import Markup

WEB = Path(__file__).parent
LANGUAGES = {"en": "English", "de": "Deutsch", "ar": "العربية"}
"""The languages the pages speak, each by its own name; the first is the default."""


class Speech:
    """One language as it is spoken in one country."""

    def __init__(self, language: str, country: str | None = None) -> None:
        self.language = language
        self.locale = _locale(language, country)
        self.tag = str(self.locale).replace("_", "-")
        self.direction = self.locale.text_direction
        self._translations = translations(language)

    def __call__(self, message: str, **values: object) -> str:
        """A message in this language."""
        said = self._translations.gettext(message) if message else ""
        return said % values if values else said

    def many(self, one: str, more: str, count: int, **values: object) -> str:
        """A message that depends on a number, which stands in it as `%(num)s`."""
        said = self._translations.ngettext(one, more, count)
        return said % {"num": self.number(count), **values}

    def time(self, at: datetime, zone: ZoneInfo) -> str:
        """The time of day at a place: 10:42."""
        return format_time(at, "short", tzinfo=zone, locale=self.locale)

    def date(self, at: datetime, zone: ZoneInfo) -> str:
        """The day at a place, with its weekday."""
        return format_date(at.astimezone(zone), "full", locale=self.locale)

    def short_date(self, at: datetime, zone: ZoneInfo) -> str:
        """The day at a place in short, with its weekday: Mon, May 4."""
        return format_skeleton("MMMEd", at.astimezone(zone), locale=self.locale)

    def moment(self, at: datetime, zone: ZoneInfo) -> str:
        """Day and time at a place, in short: 4 May 2026, 10:42."""
        return format_datetime(at, "medium", tzinfo=zone, locale=self.locale)

    def zone(self, at: datetime, zone: ZoneInfo) -> str:
        """The name of a time zone: Central European Standard Time."""
        return get_timezone_name(at.astimezone(zone), "long", locale=self.locale)

    def language_name(self, tag: str) -> str:
        """The name of another language, in this one."""
        return str(self.locale.languages.get(base_of(tag), tag))

    def number(self, number: float) -> str:
        """A number."""
        return format_decimal(number, locale=self.locale)

    def size(self, size: int) -> str:
        """The size of a file: 2.4 MB."""
        for unit, bytes_ in (("MB", 1_000_000), ("kB", 1_000)):
            if size >= bytes_:
                return f"{format_decimal(size / bytes_, '#,##0.#', self.locale)} {unit}"
        return self.many("%(num)s byte", "%(num)s bytes", size)

    def minutes(self, span: timedelta | float) -> str:
        """A span of time in minutes: 18 min."""
        return self("%(count)s min", count=self.number(_minutes(span)))

    def apart(self, text: object) -> Markup:
        """A text whose direction is its own."""
        return Markup("<bdi>{}</bdi>").format(text)

    def waited(self, since: datetime, now: datetime) -> Markup:
        """The minutes since an instant, counted on by the page."""
        count = _minutes(now - since)
        shown = self.number(count)
        clock = Markup('<time data-since="{}" data-in="minutes">{}</time>').format(
            _epoch(since), shown
        )
        return _around(self.minutes(count), shown, clock)

    def running(self, since: datetime, now: datetime) -> Markup:
        """The time since an instant as a running clock: 4:05."""
        seconds = max(0, int((now - since).total_seconds()))
        minutes, seconds = divmod(seconds, 60)
        shown = f"{minutes}:{seconds:02}"
        if minutes >= 60:
            shown = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        return Markup('<time data-since="{}" data-in="clock" dir="ltr">{}</time>').format(
            _epoch(since), shown
        )


@cache
def speech(language: str, country: str | None = None) -> Speech:
    """How to speak a language; English if it is none of ours."""
    base = base_of(language)
    return Speech(base if base in LANGUAGES else next(iter(LANGUAGES)), country)


def base_of(tag: str) -> str:
    """The language of a tag: `de` of `de-DE`."""
    return tag.replace("_", "-").split("-")[0].strip().lower()


def chosen(wishes: Iterable[str | None], accepted: str = "") -> str:
    """The first of these languages that we speak, else what a browser accepts, else English."""
    for wish in [*wishes, *_preferred(accepted)]:
        if wish and base_of(wish) in LANGUAGES:
            return base_of(wish)
    return next(iter(LANGUAGES))


@cache
def translations(language: str) -> Translations:
    """All words of a language."""
    catalog = Catalog(language)
    for file in word_files(language):
        with file.open("rb") as opened:
            for message in read_po(opened, locale=language):
                if message.id:
                    catalog[message.id] = message
    mo = BytesIO()
    write_mo(mo, catalog)
    mo.seek(0)
    return Translations(mo)


def word_files(language: str) -> Sequence[Path]:
    """The `.po` files of a language: the shared one, then each surface's."""
    return [*WEB.glob(f"locale/{language}.po"), *sorted(WEB.glob(f"*/locale/{language}.po"))]


def _locale(language: str, country: str | None) -> Locale:
    for tag in ([f"{language}_{country}"] if country else []) + [language]:
        try:
            return Locale.parse(tag)
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def _preferred(accepted: str) -> list[str]:
    def weight(part: str) -> float:
        _, _, q = part.partition(";q=")
        try:
            return float(q) if q else 1.0
        except ValueError:
            return 0.0

    parts = sorted(accepted[:200].split(","), key=weight, reverse=True)
    return [part.partition(";")[0] for part in parts if weight(part) > 0]


def _minutes(span: timedelta | float) -> int:
    minutes = span.total_seconds() / 60 if isinstance(span, timedelta) else span
    return max(0, int(minutes))


def _epoch(at: datetime) -> int:
    return int(at.timestamp())


def _around(text: str, shown: str, clock: Markup) -> Markup:
    before, found, after = text.partition(shown)
    return Markup("{}{}{}").format(before, clock, after) if found else Markup.escape(text)
