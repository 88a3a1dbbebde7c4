"""Texts as they are kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowserving.kit.problems import Invalid
from nowserving.kit.texts import kept


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=50))
def test_what_is_taken_comes_back_unchanged(text: str) -> None:
    assert kept(text, field="name", at_most=50) == text


@pytest.mark.parametrize("text", ["x" * 51, "a\0b", "a\ud800b"])
def test_what_cannot_be_kept_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        kept(text, field="name", at_most=50)
