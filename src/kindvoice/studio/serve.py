"""The studio on a port: uvicorn, with nothing of a request in any log, and with no patience for clients that drip."""

from __future__ import annotations

import contextlib
import logging
import signal
import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from kindvoice.errors import SettingsError
from kindvoice.studio.app import Studio
from kindvoice.studio.host.choices import read_choices
from kindvoice.studio.host.config import Config
from kindvoice.studio.host.connections import MOST_HELD, bounded
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.worker import OrderWorker

MOST_CONNECTIONS = 2 * MOST_HELD
"""and answers that are on their way, together"""


def make_server(config: Config, ready: Callable[[str], None] = lambda url: None) -> uvicorn.Server:
    """A server that is not yet running. ready: called with the address once it answers.

    Raises SettingsError when another studio is at work in the same folder.
    """
    orders = Orders(config)
    # Before uvicorn, which would keep what is wrong to itself.
    choices = read_choices(config)
    worker = OrderWorker(config, orders, choices)
    worker.take_folder()
    app = Studio(config, orders, worker, choices).app
    settings = uvicorn.Config(
        app, host=config.host, port=config.port, http=bounded(config), ws="none",
        loop="asyncio", log_config=None, access_log=False, server_header=False, date_header=False, lifespan="on",
        proxy_headers=bool(config.proxies), forwarded_allow_ips=list(config.proxies) or "",
        limit_concurrency=MOST_CONNECTIONS, timeout_keep_alive=15, timeout_graceful_shutdown=2,
        h11_max_incomplete_event_size=16_384,
    )  # fmt: skip

    # In a script's background Ctrl+C is meant for somebody else; uvicorn would take it all the same.
    unmoved = signal.getsignal(signal.SIGINT) is signal.SIG_IGN

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if not (unmoved and sig == signal.SIGINT):
                super().handle_exit(sig, frame)

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready(self._address())

        def _address(self) -> str:
            port = self.servers[0].sockets[0].getsockname()[1]
            # Where it is reached by others is the proxy's to say; this one works on this computer.
            host = "127.0.0.1" if config.host in {"0.0.0.0", "::"} else config.host
            return f"http://{f'[{host}]' if ':' in host else host}:{port}/"

    return Server(settings)


def run(config: Config, ready: Callable[[str], None]) -> None:
    """Serves until it is interrupted. Raises SettingsError for an address that is taken."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    try:
        with socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((config.host.strip("[]"), config.port))
    except OSError as error:
        raise SettingsError(
            f"{config.host}:{config.port} cannot be used: {error.strerror or error}",
            cure="choose another port with --port; 0 takes any that is free",
        ) from None  # fmt: skip
    server = make_server(config, ready)
    with contextlib.suppress(SystemExit):  # of newer releases, at a start that failed; older ones just return
        server.run()
    if not server.started:
        raise SettingsError("the studio could not start", cure="look whether its port was taken just now")
