"""What an index is asked (`tables.py` tells what it holds): to find, to count and to name.

Finding goes by stages, each of which gives the numbers of texts, best first; a stage that is not
needed is not asked. Each of its queries stands twice: for all classes and for one.
"""

from __future__ import annotations

from string import Template
from typing import Final

from lignee.matching.tables import RANK_BITS, THING_BITS
from lignee.matching.texts import IDENTIFIER, LOCAL_NAME

THING_MASK: Final = (1 << RANK_BITS - THING_BITS) - 1
_MOST_BEGINNINGS: Final = 200
"""Names that begin with the text are put in order by so many; the rest follow by their number."""
_CONSTANTS: Final = {
    "thing": THING_BITS,
    "mask": THING_MASK,
    "others": 1 << RANK_BITS,
    "no_text": 3 << RANK_BITS,
    "local_name": LOCAL_NAME,
    "identifier": IDENTIFIER,
    "most_beginnings": _MOST_BEGINNINGS,
}


def _sql(query: str, **parts: str | int) -> str:
    return Template(query).substitute(_CONSTANTS, **parts)


_OF_KIND: Final = _sql("""\
AND (SELECT kinds FROM things WHERE thing = (number >> $thing & $mask))
  IN (SELECT kinds FROM kinds WHERE iri = :kind)
""")


def _both(query: str, **parts: str | int) -> tuple[str, str]:
    return _sql(query, of_kind="", **parts), _sql(query, of_kind=_OF_KIND, **parts)


_IRI: Final = _both("""\
SELECT $no_text + (thing << $thing) AS number FROM json_each(:iris) CROSS JOIN things ON iri = value
WHERE true $of_kind
""")
_EXACT: Final = _both("""\
SELECT number FROM texts WHERE words = :words $of_kind
ORDER BY language = :language DESC, grade, number
""")
_BEGINNING: Final = _both("""\
SELECT number FROM texts
WHERE words > :words AND words < :after AND grade < $local_name $of_kind
ORDER BY words < :words || ' ' OR words >= :words || '!',
  language = :language DESC, grade, length(words), number
LIMIT $most_beginnings
""")
_IN_NAMES: Final = """\
SELECT rowid AS number FROM names
WHERE names MATCH :$wanted
AND ((SELECT language FROM texts WHERE texts.number = names.rowid) = :language) = $is_own $of_kind
ORDER BY rowid
"""
_IRI_BEGINNING: Final = _both("""\
SELECT $no_text + (thing << $thing) AS number FROM json_each(:iris) CROSS JOIN things
ON iri >= value AND iri < value || char(1114111)
WHERE true $of_kind
ORDER BY length(iri), iri
""")
_TOLD: Final = _both("""\
SELECT rowid AS number FROM descriptions WHERE descriptions MATCH :told $of_kind ORDER BY rowid
""")
STAGES: Final = (
    _IRI,
    _EXACT,
    _BEGINNING,
    *(
        _both(_IN_NAMES, wanted=wanted, is_own=is_own)
        for wanted in ("whole", "beginnings")
        for is_own in (1, 0)
    ),
    _IRI_BEGINNING,
    _TOLD,
)
_FOUND: Final = """\
SELECT DISTINCT (number >> $thing & $mask) AS thing FROM (
  SELECT rowid AS number FROM names WHERE names MATCH :beginnings
  UNION ALL SELECT rowid FROM descriptions WHERE descriptions MATCH :told
  UNION ALL SELECT number FROM texts WHERE words = :words AND grade = $local_name
  UNION ALL SELECT thing << $thing FROM json_each(:iris) CROSS JOIN things
    ON iri >= value AND iri < value || char(1114111)
)
WHERE true $of_kind
"""
COUNT: Final = tuple(_sql("SELECT count(*) FROM ($found)", found=found) for found in _both(_FOUND))
COUNT_KINDS: Final = _sql(
    """\
WITH counted AS MATERIALIZED (
  SELECT kinds, count(*) AS number FROM ($found) JOIN things USING (thing) GROUP BY kinds
)
SELECT kind, sum(number) AS things FROM (
  SELECT '' AS kind, coalesce(sum(number), 0) AS number FROM counted
  UNION ALL
  SELECT iri, number FROM counted JOIN kinds USING (kinds)
)
GROUP BY kind
ORDER BY kind <> '', things DESC, kind
""",
    found=_both(_FOUND)[0],
)
SHOWN: Final = """\
SELECT iri, text, language, grade FROM things LEFT JOIN texts ON number = ? WHERE thing = ?
"""
LABEL: Final = _sql("""\
SELECT text, language FROM (
  SELECT * FROM texts WHERE number >= :thing << $thing AND number < :thing + 1 << $thing
  UNION ALL
  SELECT * FROM texts
  WHERE number >= $others + (:thing << $thing) AND number < $others + (:thing + 1 << $thing)
  AND grade < $identifier
)
ORDER BY language = :language DESC, number LIMIT 1
""")
