"""The call of a published query in other languages of programming, as text to copy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import Template
from typing import Final

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
