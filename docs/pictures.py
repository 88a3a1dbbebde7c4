"""Writes the pages of the documentation that are read from the code: `python docs/pictures.py`."""

from pathlib import Path

from nowserving.cases.picture import picture, table

HERE = Path(__file__).parent


def pages() -> dict[Path, str]:
    """Each generated page and what must stand in it."""
    return {
        HERE / "life-of-a-case.md": f"""# The life of a case

This page is read from the table of moves (`nowserving/cases/moves.py`) by
`python docs/pictures.py`; a test fails when it is not current. The same table gives the
check constraint in both databases, the buttons of the desk and the names of facts.

```mermaid
{picture()}
```

Every move is one fact in the journal and raises the case's version by one. A move that
makes no arrow leaves the state as it was.

{table()}
"""
    }


if __name__ == "__main__":
    for page, text in pages().items():
        page.write_text(text)
