"""kindvoice cache info|check|prune."""

from __future__ import annotations

import re
from dataclasses import asdict

import click

from kindvoice.cli.context import PRUNE, counted, open_store, print_json, settings
from kindvoice.cli.options import AS_JSON, ReadBy
from kindvoice.errors import SettingsError
from kindvoice.units import parse_size


def _seconds(text: str) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([hdw])\w*\s*", text.lower())
    if not match:
        raise ValueError(f"{text!r} is not an age; write 12h, 30d or 4w")
    return float(match[1]) * {"h": 3600, "d": 86_400, "w": 604_800}[match[2]]


def _share(text: str) -> float:
    match = re.fullmatch(r"\s*(\d{1,3}(?:\.\d{1,9})?)\s*%?\s*", text)
    if not match or float(match[1]) > 100:
        raise ValueError(f"{text!r} is no share; write 5%")
    return float(match[1]) / 100


@click.group()
def cache() -> None:
    """What is kept between runs: spoken lines and prepared sounds."""


@cache.command()
@AS_JSON
def info(as_json: bool) -> None:
    """Where the cache is and how large it has become."""
    from kindvoice.store import LARGE_BYTES

    config = settings()
    store = open_store(config)
    usage = store.usage()
    if as_json:
        limit = config.cache_limit
        print_json({"path": str(store.root), "files": usage.files, "bytes": usage.bytes, "limit": limit})
    else:
        most = f" of at most {config.cache_limit / 1e6:.1f} MB" if config.cache_limit is not None else ""
        click.echo(f"{store.root}\n{usage.files} files, {usage.bytes / 1e6:.1f} MB{most}")
        if usage.bytes >= LARGE_BYTES and not most:
            click.echo(PRUNE)


@cache.command()
@click.option("--read", "share", type=ReadBy("share", _share), default="100%", metavar="SHARE",
              help="How many of the files are read throughout, by chance: 5%.")  # fmt: skip
@AS_JSON
def check(share: float, as_json: bool) -> int:
    """Remove what is damaged, and what runs that were killed have left; what is needed is made again by the next
    render. Exit code 1 when something was damaged."""
    health = open_store(settings()).check(share=share)
    if as_json:
        print_json(asdict(health))
    else:
        click.echo(f"{counted(health.files, 'file')}, {health.read_bytes / 1e6:.1f} MB read to the end")
        damaged = "nothing is damaged"
        if health.damaged:
            damaged = f"{health.damaged} damaged: removed, and made again when needed"
        click.echo(damaged)
        if health.left:
            click.echo(f"{counted(health.left, 'leftover')} of killed runs: removed")
        if health.at_work:
            click.echo(f"{counted(health.at_work, 'run')} at work")
    return int(health.damaged > 0)


@cache.command()
@click.option(
    "--older-than",
    type=ReadBy("age", _seconds),
    metavar="AGE",
    help="What was not used for so long: 12h, 30d, 4w.",
)
@click.option("--max-size", type=ReadBy("size", parse_size), metavar="SIZE",
              help="The longest unused, until so much is left: 500M, 2G.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Everything.")
def prune(older_than: float | None, max_size: int | None, everything: bool) -> None:
    """Remove what is not needed; it is made again when it is."""
    if not everything and older_than is None and max_size is None:
        raise SettingsError("say what to remove", cure="--older-than 30d, --max-size 2G, or --all")
    usage = open_store(settings()).prune(
        older_than_s=None if everything else older_than, max_bytes=None if everything else max_size
    )
    click.echo(f"removed {usage.files} files, {usage.bytes / 1e6:.1f} MB")
