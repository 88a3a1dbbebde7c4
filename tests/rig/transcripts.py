"""Transcripts: what a client of a wire language says and hears, written down as `.http` files.

A file holds exchanges, divided by a line of `###`. Each is a request as it goes over the wire
and the answer that is expected:

    # what this shows
    POST /{application}/agents/{ann}/actions/clockIn
    Authorization: Bearer {token}

    {"unitId": "{unit}"}

    HTTP/1.1 200
    Retry-After: 2

    {"caseId": "{case:first}", "at": "{time:joined}", "url": "{text}"}

`{name}` stands for something known before. `{case:first}` and any other `{kind:name}` is
learned where it first comes up in an answer, and must be the same wherever it comes up again;
`{kind}` with one of KINDS is anything of that kind. A JSON answer is compared whole, with the
order of its members; another one as text. Headers that are written down must be there.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx

KINDS = {
    "id": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "hex": r"[0-9a-f]{24}",
    "number": r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?",
    "time": r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})?",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "text": r'[^"]*',
}
KINDS |= {"case": KINDS["id"], "process": KINDS["number"]}
_NAME = re.compile(r"\{([a-z_0-9]+)(?::([a-z_0-9]+))?\}")
_START = re.compile(r"HTTP/1\.1 ([0-9]{3})$")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and the answer that is expected."""

    title: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: str
    status: int
    said_headers: Mapping[str, str]
    said: str


@dataclass
class Teller:
    """Plays transcripts to a server. `known` are the names they may use, and what was learned."""

    client: httpx.AsyncClient
    known: dict[str, str] = field(default_factory=dict)

    async def play(self, file: Path) -> None:
        """Every exchange of a file, in order."""
        for exchange in read(file):
            await self.exchange(exchange, file.name)

    async def exchange(self, one: Exchange, where: str) -> None:
        """Ask, and compare what is answered."""
        answer = await self.client.request(
            one.method,
            self._filled(one.path),
            headers={name: self._filled(value) for name, value in one.headers.items()},
            content=self._filled(one.body).encode(),
        )
        said = f"{where}: {one.title}\n{answer.status_code} {answer.text}"
        assert answer.status_code == one.status, said
        for name, value in one.said_headers.items():
            assert name in answer.headers, f"{said}\nno header {name}"
            self._compare(value, answer.headers[name], said)
        self._compare(_plain(one.said), _plain(answer.text), said)

    def _filled(self, text: str) -> str:
        def known(name: re.Match[str]) -> str:
            whole = name[0].strip("{}")
            return self.known.get(whole, name[0])

        return _NAME.sub(known, text)

    def _compare(self, expected: str, found: str, said: str) -> None:
        learned: dict[str, str] = {}
        pattern = "".join(self._pieces(expected, learned))
        match = re.fullmatch(pattern, found, re.DOTALL)
        assert match, f"{said}\nexpected: {self._filled(expected)}"
        self.known |= {name: match[group] for group, name in learned.items()}

    def _pieces(self, expected: str, learned: dict[str, str]) -> Iterator[str]:
        end = 0
        for name in _NAME.finditer(expected):
            yield re.escape(expected[end : name.start()])
            end = name.end()
            yield self._piece(name, learned)
        yield re.escape(expected[end:])

    def _piece(self, name: re.Match[str], learned: dict[str, str]) -> str:
        whole, kind = name[0].strip("{}"), name[1]
        if whole in self.known:
            return re.escape(self.known[whole])
        if kind not in KINDS:
            return re.escape(name[0])
        if name[2] is None:
            return KINDS[kind]
        group = next((group for group, known in learned.items() if known == whole), None)
        if group is not None:
            return f"(?P={group})"
        group = f"g{len(learned)}"
        learned[group] = whole
        return f"(?P<{group}>{KINDS[kind]})"


def read(file: Path) -> Iterator[Exchange]:
    """The exchanges of a file."""
    for part in re.split(r"^###.*\n", file.read_text(), flags=re.MULTILINE):
        if part.strip():
            yield _exchange(part.strip("\n").split("\n"))


def routes_in(files: Iterator[Path]) -> set[tuple[str, str]]:
    """The method and path of every request in some files, query left out."""
    return {(one.method, one.path.partition("?")[0]) for file in files for one in read(file)}


def _exchange(lines: list[str]) -> Exchange:
    title = " ".join(line.lstrip("# ") for line in lines if line.startswith("#"))
    lines = [line for line in lines if not line.startswith("#")]
    start = next(i for i, line in enumerate(lines) if _START.match(line))
    method, _, path = lines[0].partition(" ")
    headers, body = _message(lines[1:start])
    said_headers, said = _message(lines[start + 1 :])
    status = _START.match(lines[start])
    assert status is not None
    return Exchange(title, method, path, headers, body, int(status[1]), said_headers, said)


def _message(lines: list[str]) -> tuple[dict[str, str], str]:
    blank = lines.index("") if "" in lines else len(lines)
    headers = dict(line.split(": ", 1) for line in lines[:blank])
    return headers, "\n".join(lines[blank + 1 :]).strip("\n")


def _plain(text: str) -> str:
    """JSON without its blanks, members in their order; any other text as it is."""
    quoted = re.sub(r"(?<=[:\[,\s])(\{[a-z_0-9]+(?::[a-z_0-9]+)?\})(?=[\s,\]}])", r'"\1bare"', text)
    try:
        plain = json.dumps(json.loads(quoted), separators=(",", ":"), ensure_ascii=False)
    except ValueError:
        return text
    return re.sub(r'"(\{[a-z_0-9]+(?::[a-z_0-9]+)?\})bare"', r"\1", plain)
