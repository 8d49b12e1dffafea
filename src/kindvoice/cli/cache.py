"""kindvoice cache info|prune."""

from __future__ import annotations

import re

import click

from kindvoice.cli.context import PRUNE, open_store, print_json, settings
from kindvoice.cli.options import AS_JSON, ReadBy
from kindvoice.errors import SettingsError


def _bytes(text: str) -> int:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)b?\s*", text.lower())
    if not match:
        raise ValueError(f"{text!r} is not a size; write 500M or 2G")
    return int(float(match[1]) * 1000 ** " kmgt".index(match[2] or " "))


def _seconds(text: str) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([hdw])\w*\s*", text.lower())
    if not match:
        raise ValueError(f"{text!r} is not an age; write 12h, 30d or 4w")
    return float(match[1]) * {"h": 3600, "d": 86_400, "w": 604_800}[match[2]]


@click.group()
def cache() -> None:
    """What is kept between runs: spoken lines and prepared sounds."""


@cache.command()
@AS_JSON
def info(as_json: bool) -> None:
    """Where the cache is and how large it has become."""
    from kindvoice.store import LARGE_BYTES

    store = open_store(settings())
    usage = store.usage()
    if as_json:
        print_json({"path": str(store.root), "files": usage.files, "bytes": usage.bytes})
    else:
        click.echo(f"{store.root}\n{usage.files} files, {usage.bytes / 1e6:.1f} MB")
        if usage.bytes >= LARGE_BYTES:
            click.echo(PRUNE)


@cache.command()
@click.option(
    "--older-than",
    type=ReadBy("age", _seconds),
    metavar="AGE",
    help="What was not used for so long: 12h, 30d, 4w.",
)
@click.option("--max-size", type=ReadBy("size", _bytes), metavar="SIZE",
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
