"""Threads that work for an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """Runs what would hold an event loop up in threads, `most` at a time, the rest in turn.

    It does what `concurrent.futures` does for a loop at half the cost of a small query's hop, for
    one loop alone and without a way to take work back. Threads start when they are needed.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = self._busy = 0
        self._waiting = SimpleQueue[Callable[[], None]]()

    async def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, or raise what it raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()

        def run() -> None:
            try:
                result = work()
            except BaseException as error:  # noqa: BLE001  # raised again in `await run()`
                loop.call_soon_threadsafe(self._fail, future, error)
            else:
                loop.call_soon_threadsafe(self._succeed, future, result)

        self._busy += 1
        if self._busy > self._started < self._most:
            self._started += 1
            threading.Thread(
                target=self._work, name=f"request-{self._started}", daemon=True
            ).start()
        self._waiting.put(run)
        return await future

    def _work(self) -> None:
        while True:
            self._waiting.get()()

    def _succeed(self, future: asyncio.Future[T], result: T) -> None:
        self._busy -= 1
        if not future.cancelled():
            future.set_result(result)

    def _fail(self, future: asyncio.Future[T], error: BaseException) -> None:
        self._busy -= 1
        if not future.cancelled():
            future.set_exception(error)
