"""The call of a query in other languages of programming, as text to copy."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from string import Template
from typing import Final
from urllib.parse import urlencode

Address = Callable[[str], str]
"""Returns the address of an answer, given the extension of its format."""

_PYTHON_SOLUTIONS: Final = Template("""\
import json
from urllib.request import urlopen

with urlopen("$json") as answer:
    results = json.load(answer)["results"]["bindings"]
for solution in results:
    print({name: term["value"] for name, term in solution.items()})
""")
_PYTHON_BOOLEAN: Final = Template("""\
import json
from urllib.request import urlopen

with urlopen("$json") as answer:
    print(json.load(answer)["boolean"])
""")
_PYTHON_GRAPH: Final = Template("""\
from urllib.request import urlopen

with urlopen("$ttl") as answer:
    print(answer.read().decode("utf-8"))
""")
_R_SOLUTIONS: Final = Template("""\
results <- read.csv("$csv", encoding = "UTF-8")
print(results)
""")
_R_OTHER: Final = Template("""\
answer <- readLines("$plain", encoding = "UTF-8")
cat(answer, sep = "\\n")
""")
_JAVASCRIPT_SOLUTIONS: Final = Template("""\
const answer = await fetch("$json");
const { results } = await answer.json();
console.table(results.bindings.map((solution) =>
  Object.fromEntries(Object.entries(solution).map(([name, term]) => [name, term.value]))));
""")
_JAVASCRIPT_BOOLEAN: Final = Template("""\
const answer = await fetch("$json");
console.log((await answer.json()).boolean);
""")
_JAVASCRIPT_GRAPH: Final = Template("""\
const answer = await fetch("$ttl");
console.log(await answer.text());
""")
_CURL: Final = Template("""\
curl -sS "$plain"
""")
_PYTHON_OF_QUERY: Final = Template("""\
import json
from urllib.parse import urlencode
from urllib.request import urlopen

query = $query
parameters = [("query", query), $others]
with urlopen("$endpoint", urlencode(parameters).encode()) as answer:
    $read
""")
_PYTHON_READS: Final = {
    "SELECT": """\
results = json.load(answer)["results"]["bindings"]
for solution in results:
    print({name: term["value"] for name, term in solution.items()})""",
    "ASK": 'print(json.load(answer)["boolean"])',
}
_R_OF_QUERY: Final = Template("""\
query <- $query
address <- paste0("$endpoint?query=", URLencode(query, reserved = TRUE, repeated = TRUE), "$others")
$read
""")
_R_READS: Final = {"SELECT": 'print(read.csv(address, encoding = "UTF-8"))'}
_JAVASCRIPT_OF_QUERY: Final = Template("""\
const query = $query;
const body = new URLSearchParams([["query", query], $others]);
const answer = await fetch("$endpoint", { method: "POST", body });
$read
""")
_JAVASCRIPT_READS: Final = {
    "SELECT": """\
const { results } = await answer.json();
console.table(results.bindings.map((solution) =>
  Object.fromEntries(Object.entries(solution).map(([name, term]) => [name, term.value]))));""",
    "ASK": "console.log((await answer.json()).boolean);",
}
_CURL_OF_QUERY: Final = Template("""\
curl -sS $endpoint \\
  --data-urlencode $query \\
  $others
""")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A few lines of a program, in the language of that name."""

    language: str
    text: str


def snippets(form: str, address: Address) -> list[Snippet]:
    """Return a program in each language that asks a query of that form, such as SELECT."""
    python, r, javascript = {
        "SELECT": (_PYTHON_SOLUTIONS, _R_SOLUTIONS, _JAVASCRIPT_SOLUTIONS),
        "ASK": (_PYTHON_BOOLEAN, _R_OTHER, _JAVASCRIPT_BOOLEAN),
    }.get(form, (_PYTHON_GRAPH, _R_OTHER, _JAVASCRIPT_GRAPH))
    extensions = ("csv", "json") if form in ("SELECT", "ASK") else ("ttl",)
    addresses = {extension: address(extension) for extension in extensions}
    addresses["plain"] = addresses[extensions[0]]
    languages = (("Python", python), ("R", r), ("curl", _CURL), ("JavaScript", javascript))
    return [Snippet(name, template.substitute(addresses)) for name, template in languages]


def of_query(form: str, endpoint: str, parameters: Iterable[tuple[str, str]]) -> list[Snippet]:
    """Return a program in each language that posts a query of that form to the endpoint.

    `parameters` are all that is sent, the query first of all those of that name.
    """
    given = [(name, value.replace("\r\n", "\n")) for name, value in parameters]
    query = next(value for name, value in given if name == "query").rstrip("\n") + "\n"
    others = [pair for pair in given if pair[0] != "query"]
    machine, flat = ("json", "csv") if form in ("SELECT", "ASK") else ("turtle", "turtle")
    for_machine = [*others, ("format", machine)]
    for_table = [*others, ("format", flat)]
    python = _PYTHON_OF_QUERY.substitute(
        query=_python_text(query),
        others=", ".join(
            f"({json.dumps(name)}, {json.dumps(value)})" for name, value in for_machine
        ),
        endpoint=endpoint,
        read=_PYTHON_READS.get(form, 'print(answer.read().decode("utf-8"))').replace(
            "\n", "\n    "
        ),
    )
    r = _R_OF_QUERY.substitute(
        query=_r_text(query),
        others="".join(f"&{urlencode([pair])}" for pair in for_table),
        endpoint=endpoint,
        read=_R_READS.get(form, 'cat(readLines(address, encoding = "UTF-8"), sep = "\\n")'),
    )
    curl = _CURL_OF_QUERY.substitute(
        endpoint=endpoint,
        query=shlex.quote(f"query={query}"),
        others=" \\\n  ".join(
            f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in for_table
        ),
    )
    javascript = _JAVASCRIPT_OF_QUERY.substitute(
        query=_javascript_text(query),
        others=", ".join(json.dumps(list(pair)) for pair in for_machine),
        endpoint=endpoint,
        read=_JAVASCRIPT_READS.get(form, "console.log(await answer.text());"),
    )
    return [
        Snippet("Python", python),
        Snippet("R", r),
        Snippet("curl", curl),
        Snippet("JavaScript", javascript),
    ]


def _python_text(text: str) -> str:
    is_plain = "\\" not in text and '"""' not in text
    return f'"""\\\n{text}"""' if is_plain else repr(text)


def _r_text(text: str) -> str:
    """Return a raw string (https://cran.r-project.org/doc/manuals/r-release/NEWS.4.html)."""
    dashes = "-" * next(number for number in range(len(text)) if f']{"-" * number}"' not in text)
    return f'r"{dashes}[{text}]{dashes}"'


def _javascript_text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return f"`{escaped}`"
