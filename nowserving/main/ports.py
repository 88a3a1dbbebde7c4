"""Where a server may listen."""

import socket

from nowserving.main.settings import BadSettings


def must_be_free(host: str, port: int) -> None:
    """BadSettings if a server could not listen there, so that nobody is sent there first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as refused:
        raise BadSettings(
            f"cannot listen on port {port} of {host}: {refused.strerror}; "
            "choose another with --port"
        ) from None
