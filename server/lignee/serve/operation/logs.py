"""Logs on standard error: lines to read, or JSON objects for programs; nothing personal in them."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue
from typing import Final

from lignee.serve.http.record import RequestRecord
from lignee.settings import Settings

REQUESTS: Final = "lignee.requests"
FIELDS: Final = "fields"
"""The name of the attribute of a log record that holds its named values."""


class TextFormatter(logging.Formatter):
    """A line to read: level, message, then the named values."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        values = "".join(f" {name}={value}" for name, value in _fields_of(record).items())
        return f"[{record.levelname}] {super().format(record)}{values}"


class JsonFormatter(logging.Formatter):
    """A JSON object in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        content = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_fields_of(record),
        }
        if record.exc_info:
            content["exception"] = self.formatException(record.exc_info)
        return json.dumps(content, ensure_ascii=False, default=str)


def configure(settings: Settings) -> None:
    """Have this process, and those forked from it, log to standard error as the settings say."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else TextFormatter())
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)


class RequestLog:
    """Logs each request once it is over, without ever waiting for who reads the log."""

    def __init__(self) -> None:
        self._logger = logging.getLogger(REQUESTS)
        queue: SimpleQueue[logging.LogRecord] = SimpleQueue()
        self._listener = QueueListener(queue, *logging.getLogger().handlers)
        self._listener.start()
        self._logger.propagate = False
        self._logger.handlers = [QueueHandler(queue)]

    def observe(self, record: RequestRecord) -> None:
        """Log the request: as a warning where the server failed, else as information."""
        level = logging.WARNING if record.status >= 500 or record.is_broken_off else logging.INFO
        if not self._logger.isEnabledFor(level):
            return
        fields: dict[str, object] = {
            "request_id": record.request_id,
            "method": record.method,
            "kind": record.kind,
            "status": record.status,
            "seconds": round(record.seconds, 6),
            "sent_bytes": record.sent_bytes,
            "cache": record.cache,
            "query_digest": record.query_digest,
            "error": record.error,
            "is_broken_off": record.is_broken_off or None,
        }
        told = {name: value for name, value in fields.items() if value is not None}
        self._logger.log(level, "request", extra={FIELDS: told})

    def close(self) -> None:
        """Write what waits to be written."""
        self._listener.stop()


def log_query(request_id: str | None, query_digest: str | None, query: str) -> None:
    """Log the text of a query, for those who set `--log-queries yes`."""
    fields = {"request_id": request_id, "query_digest": query_digest, "query": query}
    logging.getLogger(REQUESTS).info("query", extra={FIELDS: fields})


def _fields_of(record: logging.LogRecord) -> dict[str, object]:
    fields: dict[str, object] = getattr(record, FIELDS, {})
    return fields
