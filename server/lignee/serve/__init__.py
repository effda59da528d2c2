"""The server: one release over HTTP."""
