"""What Lignée is measured beside: peers that install here, each started, loaded and ended."""

from __future__ import annotations

from typing import Final

from peers import comunica, floor, in_process, lignee, oxigraph, python, virtuoso
from peers.peer import Peer

PEERS: Final[dict[str, Peer]] = {
    peer.name: peer
    for peer in (
        lignee.PEER,
        oxigraph.MEMORY,
        oxigraph.DISK,
        virtuoso.PEER,
        in_process.PEER,
        floor.PEER,
        lignee.REMOTE,
        python.SHMARQL,
        python.RDFLIB_ENDPOINT,
        comunica.PEER,
    )
}
