"""kindvoice studio: its options, its refusals, and a port that has no patience for clients that drip."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from unittest.mock import Mock

import pytest
from click.testing import CliRunner
from studioweb import make_studio_config

from kindvoice.cli.studio import studio
from kindvoice.errors import SettingsError
from kindvoice.studio import serve
from kindvoice.studio.host.keys import check_password
from kindvoice.studio.host.orders import Orders
from kindvoice.studio.host.worker import OrderWorker


@pytest.fixture
def started(monkeypatch):
    """What would be served."""
    found = []

    def run(config, ready):
        found.append(config)
        ready("http://127.0.0.1:1/")

    monkeypatch.setattr(serve, "run", run)
    monkeypatch.delenv("KINDVOICE_STUDIO_PASSWORD", raising=False)
    return found


def test_by_itself_it_is_for_this_computer_alone(started, tmp_path, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    done = CliRunner().invoke(studio, ["--data", str(tmp_path / "data")], catch_exceptions=False)
    assert done.exit_code == 0 and done.output.startswith("http://127.0.0.1:1/\n")
    assert opened == ["http://127.0.0.1:1/"]
    (config,) = started
    assert (config.host, config.port, config.alone, config.teacher_hash) == ("127.0.0.1", 8123, True, None)
    CliRunner().invoke(studio, ["--data", str(tmp_path / "data"), "--no-browser"], catch_exceptions=False)
    assert len(opened) == 1


def test_ctrl_c_is_a_quiet_end(tmp_path, monkeypatch):
    monkeypatch.setattr(serve, "run", Mock(side_effect=KeyboardInterrupt))
    done = CliRunner().invoke(studio, ["--data", str(tmp_path / "data"), "--no-browser"])
    assert (done.exit_code, done.output) == (0, "")


@pytest.mark.slow
def test_elsewhere_it_wants_a_password_which_leaves_the_environment(started, tmp_path, monkeypatch):
    options = [
        "--data",
        str(tmp_path),
        "--host",
        "0.0.0.0",
        "--name",
        "studio.example.org",
        "--no-browser",
        "--port",
        "9",
    ]
    with pytest.raises(SettingsError, match="password"):
        CliRunner().invoke(studio, options, catch_exceptions=False)
    monkeypatch.setenv("KINDVOICE_STUDIO_PASSWORD", "a kind and long password")
    CliRunner().invoke(studio, options, catch_exceptions=False)
    assert "KINDVOICE_STUDIO_PASSWORD" not in os.environ
    (config,) = started
    assert (config.host, config.port, config.names) == ("0.0.0.0", 9, ("studio.example.org",))
    assert check_password("a kind and long password", config.teacher_hash)


def test_without_the_extra_the_cure_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "kindvoice.studio.serve")
    with pytest.raises(SettingsError) as told:
        CliRunner().invoke(studio, ["--no-browser"], catch_exceptions=False)
    assert "kindvoice[studio]" in told.value.cure


def test_a_port_that_is_taken_is_told(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = make_studio_config(tmp_path, port=taken.getsockname()[1])
        with pytest.raises(SettingsError, match="cannot be used"):
            serve.run(config, lambda url: None)


def test_a_second_studio_in_the_same_folder_is_told_before_anything_is_served(tmp_path, monkeypatch, choices):
    monkeypatch.setattr(serve, "read_choices", lambda config: choices)
    config = make_studio_config(tmp_path, port=0)
    orders = Orders(config)
    first = OrderWorker(config, orders, choices)
    first.take_folder()
    with pytest.raises(SettingsError, match="another studio"):
        serve.run(config, lambda url: None)
    first.stop()
    orders.close()


def test_a_start_that_fails_is_never_silent(tmp_path, monkeypatch, choices):
    monkeypatch.setattr(serve, "read_choices", lambda config: choices)
    monkeypatch.setattr(OrderWorker, "start", Mock(side_effect=OSError("no threads are left")))
    with pytest.raises(SettingsError, match="could not start"):
        serve.run(make_studio_config(tmp_path, port=0), lambda url: None)


@pytest.mark.slow
def test_started_in_the_background_it_is_not_ended_by_somebody_elses_ctrl_c(tmp_path):
    up = threading.Event()
    # As a shell without job control starts what ends in &.
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        server = serve.make_server(make_studio_config(tmp_path, port=0), lambda url: up.set())
    finally:
        signal.signal(signal.SIGINT, usual)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert up.wait(120)
    server.handle_exit(signal.SIGINT, None)
    assert not server.should_exit
    server.handle_exit(signal.SIGTERM, None)
    thread.join(120)
    assert not thread.is_alive()
