"""Words as they are compared when people search."""

# ruff: noqa: RUF001  letters that look alike are the point here

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nowserving.kit.folding import WORD_AT_MOST, fold, words_asked, words_in


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller-Lüdenscheidt", "muller-ludenscheidt"),
        ("STRASSE Straße", "strasse strasse"),
        ("Łódź, Sørensen, Ægir", "lodz, sorensen, aegir"),
        ("İstanbul ISPARTA ışık", "istanbul isparta isik"),
        ("أحمد إلى آمال", "احمد الى امال"),
        ("مـــرحبا مُحَمَّد", "مرحبا محمد"),
        ("٠١٢٣ ４２", "0123 42"),
        ("ﬁne №5", "fine no5"),
    ],
)
def test_case_accents_and_marks_make_no_difference(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_words_are_split_at_whatever_is_no_letter_and_no_digit() -> None:
    assert words_in("ada@example.org", None, "O'Neill_2 ada") == [
        *("ada", "example", "org", "o", "neill", "2"),
    ]


def test_a_phone_number_is_one_word_however_it_is_spaced() -> None:
    for text in ("+49 (30) 123-456", "4930123456", "49 30/123 456"):
        assert words_asked(text) == ["4930123456"]
    assert words_asked("A103 b") == ["a103", "b"]
    assert words_asked("--//--") == []


@given(st.text(max_size=200))
def test_folding_twice_changes_nothing_and_words_are_whole(text: str) -> None:
    words = words_in(text)
    assert words_in(" ".join(words)) == words
    assert all(word.isalnum() and len(word) <= WORD_AT_MOST for word in words)
