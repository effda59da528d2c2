"""The bench's generator: what it makes is a knowledge graph of ours, and always the same."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
from pyoxigraph import QuerySolutions

from lignee import dataset, kg_folder

REPOSITORY = Path(__file__).resolve().parents[1]
QUADS = 2_000


def generated(folder: Path, *, seed: int = 1, hash_seed: int = 0) -> Path:
    command = [sys.executable, "bench/generate.py", "--quads", str(QUADS), "--seed", str(seed)]
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed)}
    subprocess.run([*command, "--out", folder], cwd=REPOSITORY, env=environment, check=True)
    return folder


def lignee(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).with_name("lignee"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


@pytest.fixture(scope="module")
def kg(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(tmp_path_factory.mktemp("bench") / "kg")


def test_same_seed_gives_the_same_bytes(kg: Path, tmp_path: Path) -> None:
    assert contents(generated(tmp_path / "again", hash_seed=7)) == contents(kg)


def test_another_seed_gives_another_graph(kg: Path, tmp_path: Path) -> None:
    assert contents(generated(tmp_path / "other", seed=2)) != contents(kg)


def test_count_of_quads_is_near_what_was_asked(kg: Path) -> None:
    read = dataset.read(kg_folder.find(kg))
    of_ontology = f" {read.graph('ontology')} .".encode()
    data = [line for line in read.stored_lines() if not line.endswith(of_ontology)]
    assert len(data) == pytest.approx(QUADS, rel=0.05)


def test_conforms_to_shapes_and_integrity_queries(kg: Path) -> None:
    checked = lignee("validate", "--kg", kg)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_passages_are_found_in_the_texts_beside_the_data(kg: Path) -> None:
    store = dataset.read(kg_folder.find(kg)).store
    passages = store.query(
        """
        PREFIX lig: <https://w3id.org/lignee/ontology#>
        PREFIX nif: <http://persistence.uni-leipzig.org/nlp2rdf/ontologies/nif-core#>
        SELECT ?file ?begin ?end ?digest WHERE {
          GRAPH ?sources {
            ?passage nif:beginIndex ?begin ; nif:endIndex ?end ; lig:digest ?digest ;
              nif:referenceContext/<https://schema.org/identifier> ?file .
          }
        }
        """
    )
    assert isinstance(passages, QuerySolutions)
    found = 0
    for file, begin, end, digest in passages:
        text = (kg / "sources" / file.value).read_text(encoding="utf-8")
        clause = text[int(begin.value) : int(end.value)].encode()
        assert digest.value == "sha256-" + hashlib.sha256(clause).hexdigest()
        found += 1
    assert found > 50
