"""The life of a case as a picture and a table, read from the one table of moves."""

from nowserving.cases.moves import MOVES, Move, State

_BEFORE = "[*]"


def picture() -> str:
    """The moves as a Mermaid state diagram."""
    arrows = [
        f"    {start} --> {move.then}: {move.verb}"
        for move in MOVES
        if move.then is not None
        for start in (sorted(map(str, move.when)) or [_BEFORE])
        if start != move.then
    ]
    ends = [f"    {state} --> [*]" for state in State if state.over]
    return "\n".join(["stateDiagram-v2", *arrows, *ends])


def table() -> str:
    """The moves as a Markdown table."""
    rows = [_row(move) for move in MOVES]
    head = "| move | from | to | fact | needs |\n| --- | --- | --- | --- | --- |"
    return "\n".join([head, *rows])


def _row(move: Move) -> str:
    start = ", ".join(sorted(move.when)) or "nothing: it makes the case"
    if move.when == frozenset(State):
        start = "any state"
    then = move.then or "as it was"
    return f"| {move.verb} | {start} | {then} | `{move.fact}` | {move.needs} |"
