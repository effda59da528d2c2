"""One query's evaluation inside a worker: from a job frame to the frames of its answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import IO, Final, cast

from pyoxigraph import (
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from lignee import errors, formats
from lignee.engines import query_text, services
from lignee.engines.complaint import complaint
from lignee.engines.frames import HEAD, Sender, Sink, Value
from lignee.engines.functions import functions_in
from lignee.engines.outlet import (
    Outlet,
    TurtleOutlet,
    checked_for_rdf_xml,
    with_prefixes,
    without_triple_terms,
)
from lignee.engines.query_dataset import QueryDataset, dataset_of
from lignee.engines.services import WayOut
from lignee.engines.tokens import names_triple_terms
from lignee.iris import PrefixTable

Results = QuerySolutions | QueryBoolean | QueryTriples

_LONGEST_MESSAGE: Final = 1_000
_LONGEST_REASON: Final = 300
_UNKNOWN_FUNCTION: Final = "The custom function "
_NO_FILES_LEFT: Final = "os error 24"
_NOT_CARRIED: Final = "does not support"


@dataclass(frozen=True, slots=True)
class Data:
    """What a worker answers from."""

    store: Store
    prefixes: PrefixTable
    holds_triple_terms: bool


def answer(
    job: Mapping[str, Value], data: Data, sender: Sender, way_out: WayOut
) -> dict[str, Value]:
    """Send HEAD and DATA that answer the job; return the fault of a query, empty for none.

    Query and serialisation run in the caller's thread: in two, a panic of pyoxigraph hangs.
    """
    text = str(job["query"])
    try:
        text = query_text.bind(text, cast(dict[str, str], job["bindings"]))
        if query_text.check(text, way_out.allowed):
            way_out.open()
        results = _results(text, job, data.store)
        if isinstance(results, QueryTriples):
            serialise_graph(results, _chosen_graph_format(job), data.prefixes, sender)
        else:
            form = _chosen_result_format(job)
            if form.results_format == QueryResultsFormat.CSV and (
                data.holds_triple_terms or way_out.is_open or names_triple_terms(text)
            ):
                results = without_triple_terms(results)
            serialise_results(results, form, sender)
    except (errors.QueryError, errors.ServiceFailed) as error:
        return _fault(error)
    except (RuntimeError, OSError, SyntaxError) as error:
        if isinstance(error, ConnectionError) and not way_out.is_open:
            raise  # the front has hung up
        return _fault(_translated(error, way_out))
    return {}


def _results(text: str, job: Mapping[str, Value], store: Store) -> Results:
    default_graphs = cast(list[str], job["default_graphs"])
    named_graphs = cast(list[str], job["named_graphs"])
    base_iri = cast(str | None, job["base_iri"])
    try:
        dataset = dataset_of(store, text, default_graphs, named_graphs, base_iri)
    except SyntaxError:
        dataset = QueryDataset(store)  # the query as a whole tells better what is wrong
    except ValueError as error:
        raise errors.MalformedQuery(f"a graph's name is not an IRI: {error}") from None
    try:
        return dataset.store.query(
            text,
            base_iri=base_iri,
            default_graph=dataset.default_graphs,
            named_graphs=dataset.named_graphs,
            custom_functions=functions_in(text),
        )
    except SyntaxError as error:
        raise complaint(text, error, base_iri) from None


def _translated(
    error: RuntimeError | OSError | SyntaxError, way_out: WayOut
) -> errors.QueryError | errors.ServiceFailed:
    """Return what a message of pyoxigraph's evaluator means; raises the error if it is unknown."""
    reason = str(error)
    if reason.startswith(_UNKNOWN_FUNCTION):
        name = reason.removeprefix(_UNKNOWN_FUNCTION).partition(" ")[0]
        return errors.MalformedQuery(f"the query calls {name}, a function that is not known here")
    if way_out.is_open:
        shown = " ".join(reason.split())[:_LONGEST_REASON]
        return errors.ServiceFailed(f"an endpoint that the query calls by SERVICE failed: {shown}")
    if _NO_FILES_LEFT in reason:  # no socket can be opened in a worker: the query called out
        return services.refused()
    if _NOT_CARRIED in reason:
        return errors.UnsupportedFormat(f"{reason}; ask for another format, such as Turtle")
    raise error


def serialise_results(
    results: QuerySolutions | QueryBoolean, form: formats.ResultFormat, sink: Sink
) -> None:
    """Send HEAD and DATA; raises UnsupportedFormat for what the format cannot carry."""
    sink.add(HEAD, form.media_type.encode("ascii"))
    outlet = Outlet(sink, is_xml=form.results_format == QueryResultsFormat.XML)
    results.serialize(cast(IO[bytes], outlet), format=form.results_format)
    outlet.end()


def serialise_graph(
    triples: QueryTriples, form: formats.GraphFormat, prefixes: PrefixTable, sink: Sink
) -> None:
    """Send HEAD and DATA; raises UnsupportedFormat for what the format cannot carry."""
    sink.add(HEAD, form.media_type.encode("ascii"))
    if form.rdf_format == RdfFormat.TURTLE:
        outlet: Outlet = TurtleOutlet(sink)
        _write(triples, outlet, form, dict(prefixes.namespaces))
    else:
        outlet = Outlet(sink, is_xml=form.rdf_format == RdfFormat.RDF_XML)
        all_triples, used = with_prefixes(triples, prefixes, form.rdf_format)
        _write(all_triples, outlet, form, used)
    outlet.end()


def _write(
    triples: Iterable[Triple],
    outlet: Outlet,
    form: formats.GraphFormat,
    prefixes: dict[str, str] | None,
) -> None:
    if form.rdf_format == RdfFormat.RDF_XML:
        triples = checked_for_rdf_xml(triples)
    serialize(triples, cast(IO[bytes], outlet), format=form.rdf_format, prefixes=prefixes)


def _chosen_result_format(job: Mapping[str, Value]) -> formats.ResultFormat:
    form = formats.result_format(str(job["result_format"] or ""))
    if form is None:
        raise errors.UnsupportedFormat(
            f"the query gives a result set, which can be had as {_listed(formats.RESULT_FORMATS)}"
        )
    return form


def _chosen_graph_format(job: Mapping[str, Value]) -> formats.GraphFormat:
    form = formats.graph_format(str(job["graph_format"] or ""))
    if form is None:
        raise errors.UnsupportedFormat(
            f"the query gives a graph, which can be had as {_listed(formats.GRAPH_FORMATS)}"
        )
    return form


def _listed(known: Iterable[formats.GraphFormat | formats.ResultFormat]) -> str:
    return ", ".join(form.media_type for form in known)


def _fault(error: errors.LigneeError) -> dict[str, Value]:
    return {
        "error": type(error).__name__,
        "message": error.message[:_LONGEST_MESSAGE],
        "line": getattr(error, "line", 0),
        "column": getattr(error, "column", 0),
    }
