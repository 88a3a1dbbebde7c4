"""The program in C# on docs/receivers.md is the one that was compiled and tried."""

from tests.dialects.native.in_csharp import TRIED, fingerprint


def test_the_program_in_csharp_is_the_one_that_was_tried() -> None:
    """Whoever changes it tries it: `python -m tests.dialects.native.in_csharp`."""
    assert fingerprint() == TRIED
