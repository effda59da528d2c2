"""Publishing a release: whole or not at all, one build at a time.

A release is built in `releases/.building-<process>`, flushed to disk, renamed to its version, and
`current` is moved to it by renaming a symbolic link over the old one. A build that is killed
leaves only what begins with a dot, which nobody reads and the next build removes.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from lignee.errors import BuildInProgress, CannotWrite
from lignee.release import CURRENT

_LOCK: Final = ".lock"
_BUILDING: Final = ".building-"
_REPLACED: Final = ".replaced-"
_NEXT: Final = ".current-next"

_REMEDIES: Final = {
    errno.ENOSPC: "the disk is full; free some space and build again",
    errno.EDQUOT: "the disk quota is used up; free some space and build again",
    errno.EFBIG: "the file system takes no file of that size; choose another with --releases",
    errno.EACCES: "may not be written by this user; choose another folder with --releases",
    errno.EPERM: "may not be written by this user; choose another folder with --releases",
    errno.EROFS: "is on a read-only file system; choose another folder with --releases",
    errno.ENOTDIR: "lies below a file; choose another folder with --releases",
    errno.EEXIST: "is a file, not a folder; choose another folder with --releases",
}


@contextlib.contextmanager
def writing(place: Path) -> Iterator[None]:
    """Turn what the operating system refuses during the block into CannotWrite with a remedy."""
    try:
        yield
    except OSError as error:
        remedy = _REMEDIES.get(error.errno or 0, f"cannot be written: {error.strerror or error}")
        raise CannotWrite(f"{error.filename or place}: {remedy}") from error


@contextlib.contextmanager
def locked(releases: Path) -> Iterator[None]:
    """Hold the releases folder, made if need be, for one build, and remove what killed ones left.

    Raises BuildInProgress or CannotWrite.
    """
    with writing(releases):
        releases.mkdir(parents=True, exist_ok=True)
        lock = os.open(releases / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildInProgress(
                f"another build is at work in {releases}; wait until it is done"
            ) from None
        with writing(releases):
            _remove_leftovers(releases)
        yield
    finally:
        os.close(lock)


@contextlib.contextmanager
def building(releases: Path) -> Iterator[Path]:
    """Give a folder to build a release in, removed unless it was published. Raises CannotWrite."""
    folder = releases / f"{_BUILDING}{os.getpid()}"
    with writing(releases):
        folder.mkdir()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def publish(releases: Path, folder: Path, version: str) -> None:
    """Make the folder the release of that version, and the current one; a damaged one is replaced.

    Raises OSError.
    """
    _flush(folder)
    target = releases / version
    if target.exists():
        target.rename(releases / f"{_REPLACED}{version}")
    folder.rename(target)
    make_current(releases, version)
    _remove_leftovers(releases)


def make_current(releases: Path, version: str) -> None:
    """Let `current` lead to the release of that version, in one step; raises OSError."""
    if (releases / CURRENT).is_symlink() and (releases / CURRENT).readlink() == Path(version):
        return
    following = releases / _NEXT
    following.unlink(missing_ok=True)
    following.symlink_to(version)
    following.rename(releases / CURRENT)
    _flush_folder(releases)


def _remove_leftovers(releases: Path) -> None:
    for entry in releases.iterdir():
        if entry.name.startswith((_BUILDING, _REPLACED)):
            shutil.rmtree(entry)
    (releases / _NEXT).unlink(missing_ok=True)


def _flush(folder: Path) -> None:
    """Have everything in the folder on disk before its name says that it is complete."""
    for entry in folder.iterdir():
        if entry.is_dir():
            _flush(entry)
            continue
        with entry.open("rb") as file:
            os.fsync(file.fileno())
    _flush_folder(folder)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
