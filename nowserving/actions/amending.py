"""What those who are asked before may change in a case that is there already."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nowserving.actions.act import Act
from nowserving.actions.asking import AboutCase, Changes, Seat
from nowserving.actions.before import ask_before
from nowserving.cases.case import Case, Details
from nowserving.cases.correction import Correction, check, corrected
from nowserving.kit.problems import Invalid, Stale
from nowserving.places.directory import Directory
from nowserving.places.hooks import HookKind
from nowserving.places.services import CustomerRequired


@dataclass(frozen=True, slots=True)
class Amended:
    """A case as it was seen when hooks were asked, and what they want to be otherwise in it.

    `of_case` are values of the case itself; what is personal stands in `correction`. `seen`
    None: nobody was asked.
    """

    seen: Case | None = None
    of_case: Mapping[str, Any] = field(default_factory=dict)
    correction: Correction = field(default_factory=Correction)

    @property
    def rewords(self) -> bool:
        """May the case be found by other words, or tags, afterwards?"""
        return bool(self.of_case or self.correction.contact or self.correction.fields)

    def must_fit(self, case: Case) -> None:
        """Stale if somebody has changed the case since hooks were asked."""
        if self.seen is not None and self.seen.version != case.version:
            raise Stale(case=case.id)

    def details(self, details: Details, directory: Directory, case: Case) -> Details:
        """What is personal in the case, as hooks want it."""
        if not (self.correction.contact or self.correction.fields):
            return details
        service, country = directory.services[case.service_id], directory.organization.country
        return corrected(details, self.correction, service, country)


async def ask_about(
    act: Act,
    kind: HookKind,
    case: Case,
    directory: Directory,
    seat: Seat | None = None,
    *,
    shown: Case | None = None,
    before: Seat | None = None,
) -> Amended:
    """Ask before something is done to a case that is there; `case` is as it was looked at.

    `shown`: as it will be, where that is what is asked about; `before`: the time it has now.
    Afterwards hold the case, let it fit (`must_fit`), and write it with what is `of_case` and
    its `details`. Raises what `ask_before` raises.
    """
    details = await act.look.cases.details(case.id)

    async def accept(changes: Changes) -> Amended:
        return await _amended(act, case, details, directory, changes)

    about = AboutCase(shown or case, details, seat, before)
    return await ask_before(act, kind, about, directory, accept)


async def keep_amended(act: Act, case: Case, amended: Amended) -> None:
    """Write what is personal in a case as hooks want it; the case is held, and fits."""
    if amended.seen is None:
        return
    details = await act.store.cases.details(case.id)
    right = amended.details(details, await act.directory(), case)
    if right != details:
        await act.store.cases.replace_details(right)


async def _amended(
    act: Act, case: Case, details: Details, directory: Directory, changes: Changes
) -> Amended:
    contact = {name: changes[name] for name in ("name", "phone", "email") if name in changes}
    correction = Correction(
        tag_ids=changes.get("tag_ids"), contact=contact, fields=changes.get("fields", {})
    )
    check(correction, case, directory)
    of_case: dict[str, Any] = {}
    if "tag_ids" in changes:
        of_case["tag_ids"] = changes["tag_ids"]
    if "use_customer_contact" in changes:
        of_case["use_customer_contact"] = changes["use_customer_contact"]
    if "customer_id" in changes:
        of_case["customer_id"] = changes["customer_id"]
        await _check_customer(act, case, directory, changes)
    amended = Amended(case, of_case, correction)
    amended.details(details, directory, case)
    return amended


async def _check_customer(act: Act, case: Case, directory: Directory, changes: Changes) -> None:
    id = changes["customer_id"]
    if id is None:
        if directory.services[case.service_id].needs_customer:
            raise CustomerRequired(field="customer_id")
        return
    customer = await act.look.people.customer(id)
    if customer is None or customer.archived:
        raise Invalid(field="customer_id", reason="there is no such customer")
