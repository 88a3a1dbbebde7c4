"""What is kept of what somebody says who joins a line."""

import pytest

from nowserving.cases.admission import name_of


@pytest.mark.parametrize(
    ("said", "kept"),
    [("Ada", "Ada"), ("  Ada\n", "Ada"), ("", None), (" \n", None), (None, None)],
)
def test_a_name_of_nothing_but_blanks_is_no_name(said: str | None, kept: str | None) -> None:
    assert name_of(said) == kept
