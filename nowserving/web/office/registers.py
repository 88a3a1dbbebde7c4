"""What a list of administration is: its things, what is entered of each, and what is done then.

A page is drawn and a form is read by such a description; see `set_up.py` for the lists.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from nowserving.actions.act import Act
from nowserving.kit.problems import Invalid
from nowserving.people.permissions import Permission
from nowserving.places.directory import Directory
from nowserving.web.office.session import Entered
from nowserving.web.speech import Speech

Choices = Callable[[Speech, Directory], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to be entered.

    `kind`: text, lines, number, color, check, choice, id (a choice of things) or several. `fixed`:
    entered when the thing is made, and for good. `needed`: it is not left empty.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    choices: Choices | None = None
    needed: bool = False
    fixed: bool = False
    usual: str = ""
    at_most: int = 100

    def shown(self, thing: Any) -> list[str]:
        """What stands in the field for a thing."""
        value = getattr(thing, self.name)
        if self.kind == "several":
            return [str(one) for one in value]
        if self.kind == "check":
            return ["1"] if value else []
        return [] if value is None else [str(value)]

    def read(self, form: Entered) -> Any:
        """What was entered, as an action takes it; Invalid if it cannot be."""
        text = form[self.name].replace("\r\n", "\n").strip()
        if self.kind == "check":
            return bool(text)
        if self.kind == "several":
            return form.all(self.name)
        if self.kind == "id":
            return self._id(text)
        if self.kind == "number":
            return self._number(text)
        if self.needed and not text:
            raise Invalid(field=self.name, reason="empty")
        return text

    def _id(self, text: str) -> UUID | None:
        if not text and not self.needed:
            return None
        try:
            return UUID(text)
        except ValueError:
            raise Invalid(field=self.name, reason="nothing is chosen") from None

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 9):
            raise Invalid(field=self.name, reason="a number")
        return int(text)


@dataclass(frozen=True, slots=True)
class Register:
    """A list of things of one kind.

    `things` in their order, the archived too; `group`: under which heading one stands;
    `line`: what is said of it beside its name. Without `add` there is nothing to be added.
    """

    name: str
    title: str
    about: str
    entries: Sequence[Entry]
    things: Callable[[Directory], Sequence[Any]]
    line: Callable[[Speech, Directory, Any], Sequence[str]]
    change: Callable[[Act, UUID, Mapping[str, Any]], Awaitable[Any]]
    add: Callable[[Act, Mapping[str, Any]], Awaitable[Any]] | None = None
    adding: str = ""
    group: Callable[[Speech, Directory, Any], str] | None = None
    needs: Permission = Permission.MANAGE_PLACES

    @property
    def path(self) -> str:
        """Where its page is."""
        return f"/office/set-up/{self.name}"

    def thing(self, directory: Directory, id: UUID) -> Any | None:
        """One of its things."""
        return next((one for one in self.things(directory) if one.id == id), None)

    def grouped(self, say: Speech, directory: Directory) -> dict[str, list[Any]]:
        """Its things under their headings; archived ones last."""
        found: dict[str, list[Any]] = {}
        for one in self.things(directory):
            heading = self.group(say, directory, one) if self.group else ""
            found.setdefault(heading, []).append(one)
        return {heading: sorted(ones, key=archived) for heading, ones in found.items()}

    def changed(self, form: Entered) -> dict[str, Any]:
        """What the form says of a thing that is there."""
        return {one.name: one.read(form) for one in self.entries if not one.fixed}

    def made(self, form: Entered) -> dict[str, Any]:
        """What the form says of a new thing."""
        return {one.name: one.read(form) for one in self.entries if one.name != "archived"}


def archived(thing: Any) -> bool:
    """Is it offered no more?"""
    return bool(getattr(thing, "archived", False))
