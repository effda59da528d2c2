"""The releases' files: lists for people and programs, and the files themselves.

A file of a release never changes: its SHA-256 is its strong validator, and it may be kept for ever
(https://www.rfc-editor.org/rfc/rfc8246). Ranges follow
https://www.rfc-editor.org/rfc/rfc9110#name-range-requests, by Werkzeug.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request, send_file, url_for
from werkzeug.exceptions import NotFound

from lignee.errors import UnknownRelease
from lignee.rdf_files import format_of
from lignee.release import (
    CURRENT,
    MANIFEST,
    FileRecord,
    Release,
    open_release,
    sha256_of,
)
from lignee.serve.context import context
from lignee.serve.http.negotiation import HTML, JSON, acceptable, not_acceptable
from lignee.serve.site import release_list, signposts
from lignee.serve.site.pages import page, remembered
from lignee.serve.site.release_page import Download, ReleasePages

_YEAR_SECONDS: Final = 31_536_000
_MEDIA_TYPES: Final = {
    ".gz": "application/gzip",
    ".json": "application/json",
    ".jsonld": "application/ld+json",
    ".txt": "text/plain",
}


def blueprint() -> Blueprint:
    """Return the routes of downloads and releases."""
    routes = Blueprint("downloads", __name__)
    listings = Listings()
    routes.add_url_rule("/downloads", "downloads", view_func=listings.current)
    routes.add_url_rule("/releases", view_func=releases)
    routes.add_url_rule("/releases/<version>/", "release_files", view_func=listings.of)
    routes.add_url_rule("/releases/<version>/<name>", view_func=file)
    return routes


class Listings:
    """Lists of a release's files, and what their pages have asked before."""

    def __init__(self) -> None:
        self._pages = ReleasePages()
        self._page = remembered(self._made)

    def current(self) -> Response:
        """Answer with the list of the current release's files."""
        return self._listing(context().release)

    def of(self, version: str) -> Response:
        """Answer with the list of one release's files."""
        return self._listing(release_of(version))

    def _listing(self, release: Release) -> Response:
        older = release_list.before(context().settings.releases, release)
        if _list_type() == HTML:
            return self._page(release.version, older.version if older else "")
        changes = _changes(older, release)
        since: dict[str, object] | None = None
        if older and changes:
            since = {"version": older.version, "added": changes.added, "removed": changes.removed}
        return _json(
            {
                "version": release.version,
                "issued": release.manifest.issued,
                "digest": release.manifest.digest,
                "changed_since": since,
                "files": {
                    item.name: {
                        "url": item.url,
                        "media_type": item.media_type,
                        "size_bytes": item.size_bytes,
                        "sha256": item.sha256,
                    }
                    for item in _downloads_of(release)
                },
            }
        )

    def _made(self, version: str, older_version: str) -> Response:
        release = release_of(version)
        older = release_of(older_version) if older_version else None
        files = _downloads_of(release)
        response = self._pages.show(release, files, older, _changes(older, release))
        signposts.of_dataset(response, release)
        return response


def releases() -> Response:
    """Answer with the list of releases."""
    found = release_list.in_order(context().settings.releases)
    current = context().release.version
    media_type = _list_type()
    if media_type == HTML:
        return page("releases.html", listed=found, current=current)
    urls = {one.version: url_for(".release_files", version=one.version) for one in found}
    return _json({"current": current, "releases": urls})


def file(version: str, name: str) -> Response:
    """Answer with a file of a release, whole or in part."""
    release = release_of(version)
    record = _record(release, name)
    path = release.folder / name
    response = send_file(
        path,
        mimetype=_media_type(name),
        conditional=False,
        etag=record.sha256,
        max_age=_YEAR_SECONDS,
    )
    del response.headers["Last-Modified"]  # when this copy was written says nothing of the release
    response.cache_control.immutable = True
    digest = base64.b64encode(bytes.fromhex(record.sha256)).decode("ascii")
    response.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    signposts.of_file(response)
    response.make_conditional(request, accept_ranges=True, complete_length=record.size_bytes)
    return response


def _list_type() -> str:
    media_type = acceptable(request, (JSON, HTML))
    if media_type is None:
        raise not_acceptable((JSON, HTML))
    return media_type


def _json(content: object) -> Response:
    text = json.dumps(content, ensure_ascii=False, indent=1)
    response = Response(text + "\n", mimetype=JSON)
    response.vary.add("Accept")
    return response


def release_of(version: str) -> Release:
    """Return the release of that version; raises NotFound."""
    if version == context().release.version:
        return context().release
    if version == CURRENT:
        raise NotFound(
            "a release is named by its version; /downloads lists the current one's files"
        )
    try:
        return open_release(context().settings.releases, version)
    except UnknownRelease:
        raise NotFound(f"there is no release {version}; /releases lists those there are") from None


def _changes(older: Release | None, release: Release) -> release_list.Difference | None:
    limit_bytes = context().settings.difference_bytes
    return release_list.difference(older, release, limit_bytes) if older else None


def _downloads_of(release: Release) -> list[Download]:
    records = {**release.manifest.files, MANIFEST: _record(release, MANIFEST)}
    return [
        Download(
            name,
            url_for(".file", version=release.version, name=name),
            _media_type(name),
            record.size_bytes,
            record.sha256,
            _format(name),
        )
        for name, record in sorted(records.items())
    ]


def _record(release: Release, name: str) -> FileRecord:
    """Return what is known of a file; raises NotFound for any that the manifest does not list."""
    if name == MANIFEST:
        path = release.folder / MANIFEST
        return FileRecord(sha256_of(path), path.stat().st_size)
    try:
        return release.manifest.files[name]
    except KeyError:
        raise NotFound(
            f"release {release.version} has no file {name}; /releases/{release.version}/ lists them"
        ) from None


def _media_type(name: str) -> str:
    suffix = Path(name).suffix
    if suffix in _MEDIA_TYPES:
        return _MEDIA_TYPES[suffix]
    form = format_of(Path(name))
    return form.media_type if form else "application/octet-stream"


def _format(name: str) -> str:
    """Return the name of the RDF format of a file, compressed or not; empty where it has none."""
    form = format_of(Path(name))
    return form.name if form else ""
