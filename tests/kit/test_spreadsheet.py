"""Tables for spreadsheets: nothing in them is a formula, and everything can be said again."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowserving.kit.spreadsheet import guarded, original, row

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",  # noqa: RUF001
    "＋1",  # noqa: RUF001
    "－1",  # noqa: RUF001
    "＠A1",  # noqa: RUF001
    " =1",
    "\u200b=1",
    "\u00a0\t@x",
    '=HYPERLINK("http://x.example","y")',
    "=cmd|' /C calc'!A0",
    "+41791234567",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_what_could_be_a_formula_is_a_text(text: str) -> None:
    assert guarded(text) == f"'{text}"
    assert original(guarded(text)) == text


@pytest.mark.parametrize("text", ["", "a=1", "Ada", "12", "a-b", "é", '"=1', "(=1)"])
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert guarded(text) == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1))
def test_anything_comes_out_as_it_went_in(texts: list[str]) -> None:
    text = row(texts).decode()
    [cells] = csv.reader(io.StringIO(text, newline=""))
    assert [original(cell) for cell in cells] == texts
    assert not any(cell[:1] in "=+-@\t\r\n＝＋－＠" for cell in cells if cell)  # noqa: RUF001
