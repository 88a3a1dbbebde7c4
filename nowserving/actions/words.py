"""The words by which a case is found: written anew whenever something is said about it."""

from nowserving.actions.act import Act
from nowserving.cases.case import Case
from nowserving.cases.finding import words_of_case


async def keep_words(act: Act, case: Case) -> None:
    """Let a case be found by what stands in it now."""
    cases = act.store.cases
    customer = await act.store.people.customer(case.customer_id) if case.customer_id else None
    words = words_of_case(case, await cases.details(case.id), await cases.notes(case.id), customer)
    await act.store.finding.keep_case_words([(case.id, case.number, words)])
