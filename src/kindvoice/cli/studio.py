"""kindvoice studio."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import click

from kindvoice.errors import SettingsError


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), help="8123 if left out; 0 takes any that is free.")
@click.option("--host", metavar="ADDRESS", help="Where to listen; this computer alone if left out.")
@click.option(
    "--name", "names", multiple=True, metavar="HOST",
    help="A name that browsers may ask for, such as studio.example.org; may be repeated.",
)  # fmt: skip
@click.option(
    "--proxy", "proxies", multiple=True, metavar="ADDRESS",
    help="A reverse proxy whose X-Forwarded-For and -Proto are believed; may be repeated.",
)  # fmt: skip
@click.option(
    "--data", type=click.Path(path_type=Path, file_okay=False), metavar="DIR",
    help="The studio's own folder; in the user's data folder if left out.",
)  # fmt: skip
@click.option(
    "--config", "file", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="TOML: limits, crisis lines, languages, voices; studio.toml in the data folder if left out.",
)  # fmt: skip
@click.option("--no-browser", is_flag=True, help="Do not open a browser.")
def studio(
    port: int | None, host: str | None, names: tuple[str, ...], proxies: tuple[str, ...], data: Path | None,
    file: Path | None, no_browser: bool,
) -> None:  # fmt: skip
    """A page where somebody makes a meditation of their own, and one where teachers work on scripts.

    On this computer alone it asks for no login. Elsewhere the teachers' pages want a password, which is taken from the
    variable KINDVOICE_STUDIO_PASSWORD when it starts.
    """
    try:
        from kindvoice.studio.serve import run
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"starlette", "uvicorn", "anyio", "h11"}:
            raise
        raise SettingsError("the studio is not installed", cure="pip install 'kindvoice[studio]'") from None
    from kindvoice.build.context import settings
    from kindvoice.studio.host.config import make_config
    from kindvoice.studio.host.keys import kept_private

    # Not kept where every process that is started would see it.
    password = os.environ.pop("KINDVOICE_STUDIO_PASSWORD", None) or None
    config = make_config(
        settings(), data=data, file=file, password=password, port=port, host=host,
        names=names or None, proxies=proxies or None,
    )  # fmt: skip

    def ready(url: str) -> None:
        click.echo(f"{url}\nCtrl+C ends it; what is being made goes on at the next start.")
        if not no_browser:
            import webbrowser

            webbrowser.open(url)

    with kept_private(), contextlib.suppress(KeyboardInterrupt):  # Ctrl+C is how it is meant to end
        run(config, ready)
