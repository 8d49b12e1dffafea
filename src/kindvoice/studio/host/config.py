"""What the host of a studio has settled: folders, address, limits, the teachers' password, the crisis lines."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

import platformdirs

from kindvoice.errors import SettingsError, did_you_mean
from kindvoice.jobs.run import absolute
from kindvoice.plan.participant import fold, slug
from kindvoice.settings import Settings
from kindvoice.studio.host.keys import hash_password, is_hash

LANGUAGES = ("en", "de", "es", "fr", "it", "ja", "nl", "pl", "pt-BR", "sv", "tr", "zh")
"""of the library, and of the pages"""
MOST_TEACHERS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one person, and all together, may ask for."""

    waiting: int = 200
    """orders in the queue"""
    waiting_each: int = 2
    """of one person, with those that are being made"""
    orders_each: int = 12
    """of one person, finished ones too, until they are deleted or expire"""
    phrases: int = 12
    """in one order"""
    phrase_letters: int = 240
    """in each form of a phrase"""
    title_letters: int = 80
    length_ms: int = 60 * 60_000
    """the longest recording"""
    page_bytes: int = 40_000_000
    """of sound on the page of one order where the minutes are chosen; 0: there is none"""
    orders_per_hour: float = 20.0
    """of one person, new versions too"""
    previews_per_minute: float = 30.0
    """of one person"""
    previews_waiting: int = 16
    """of all together, at once"""
    requests_per_second: float = 20.0
    """of one client's address"""
    requests_burst: float = 120.0
    address_requests: int = 100
    """of one client's address, being answered at once; a page that follows its progress is one"""
    address_connections: int = 200
    """of one address at once, but a proxy's"""
    address_orders_per_hour: float = 60.0
    """of one client's address, where a class may sit; new versions too"""
    address_minutes: float = 1440.0
    """of recordings for one client's address in the time that one stays: about 3 GB"""
    address_previews_per_minute: float = 240.0
    """of one client's address"""
    logins_per_minute: float = 5.0
    """of one client's address"""
    body_bytes: int = 64_000
    """of a form"""
    take_bytes: int = 40_000_000
    """of a recorded line, or of a recording that is checked"""
    courses: int = 50
    """of one teacher"""
    course_people: int = 200
    course_recordings: int = 1000
    """in one course, of all its people together"""
    course_minutes: int = 12_000
    """of all its recordings: about 12 GB, where the disk has them"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """One studio. Made by `make_config`, which checks it."""

    data: Path
    """the studio's own folder: its database, orders and secret; for its owner's eyes alone (0700)"""
    settings: Settings
    """of kindvoice: cache, scripts, voices, takes; all paths absolute"""
    host: str = "127.0.0.1"
    port: int = 8123
    names: tuple[str, ...] = ()
    """hosts that a browser may ask for, such as studio.example.org; loopback's own are always right"""
    proxies: tuple[str, ...] = ()
    """addresses of reverse proxies whose X-Forwarded-For and -Proto are believed"""
    teacher_hash: str | None = field(default=None, repr=False)
    """of the teachers' password, as `hash_password` gives it; None: none is asked for, which only loopback may"""
    teachers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """by name, the hash of each one's own password: what they write, make and record is their own. None: all who come
    in share one desk"""
    country: str = ""
    """ISO 3166, two letters; whose helplines are shown. Empty: those of the visitor's browser"""
    crisis: Mapping[str, str] = field(default_factory=dict)
    """where to turn, by country, or "" for anywhere: a telephone number, an address, a sentence; plain text"""
    languages: tuple[str, ...] = LANGUAGES
    """that may be chosen"""
    voices: tuple[str, ...] | None = None
    """that may be chosen, by name; None: all that can speak here"""
    keep_s: float = 7 * 24 * 3600.0
    """how long a finished recording stays"""
    jobs: int = 1
    """recordings that are made at once, each in a process of its own; 0: in this process, for tests"""
    limits: Limits = Limits()

    @property
    def database(self) -> Path:
        return self.data / "orders.sqlite"

    @property
    def orders(self) -> Path:
        """Finished recordings, one folder an order."""
        return self.data / "orders"

    @property
    def courses(self) -> Path:
        """Teachers' courses, one folder each, with everybody's recordings."""
        return self.data / "courses"

    @property
    def drafts(self) -> Path:
        """Scripts that teachers brought, where the studio is not alone."""
        return self.data / "drafts"

    def space(self, teacher: str) -> Path:
        """The folder of a teacher who has a name: scripts, recordings, takes and kept versions."""
        whose = hashlib.sha256(teacher.encode()).hexdigest()[:8]
        return self.data / "teachers" / f"{slug(teacher) or 'teacher'}-{whose}"

    def settings_of(self, teacher: str) -> Settings:
        """teacher: empty: the desk that all share."""
        if not teacher:
            return self.settings
        space = self.space(teacher)
        return replace(self.settings, takes=space / "takes", output=space / "recordings")

    @property
    def alone(self) -> bool:
        """Whether only this computer reaches it: bound to loopback, with no proxy before it and no name of its own."""
        return is_loopback(self.host) and not self.names and not self.proxies

    def crisis_line(self, country: str) -> str:
        """Where to turn in a country, else anywhere, in the host's words; empty: there are none."""
        return self.crisis.get(country.upper()) or self.crisis.get("", "")


def make_config(
    settings: Settings,
    *,
    data: Path | None = None,
    file: Path | None = None,
    password: str | None = None,
    **options: object,
) -> Config:
    """The studio's settings: what is given here (any field of Config but `settings`; None says nothing), else what
    the TOML file says, else defaults.

    data: None: in the user's data folder. file: None: studio.toml in that folder, if it is there. password: the
    teachers', which is hashed at once. Makes the data folder. Raises StudioError (kind setup) for a file that cannot
    be read, for names that are not known, for a password that is too short, and for an address beyond this computer
    without one.
    """
    folder = data or Path(platformdirs.user_data_dir("kindvoice", appauthor=False)) / "studio"
    folder = folder.expanduser().absolute()
    values = _read_file(file or folder / "studio.toml", needed=file is not None)
    values |= {name: value for name, value in options.items() if value is not None}
    if password is not None:
        values["teacher_hash"] = hash_password(password)
    config = Config(data=folder, settings=absolute(settings), **values)  # type: ignore[arg-type]
    _check(config)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise SettingsError(
            f"the studio's folder {folder} cannot be used: {error.strerror or error}",
            cure="name another one with --data",
        ) from None  # fmt: skip
    return config


def _check(config: Config) -> None:
    if config.teacher_hash is not None and not is_hash(config.teacher_hash):
        raise SettingsError("`teacher_hash` is no hash that the studio made")
    _check_teachers(config.teachers)
    if not 0 <= config.port <= 65_535:
        raise SettingsError(f"there is no port {config.port}", cure="from 1 to 65535; 0 for any that is free")
    if not config.host or any(c.isspace() or c in "/@?#" for c in config.host):
        raise SettingsError(
            f"{config.host!r} is no address to listen at", cure="such as 127.0.0.1 or 0.0.0.0"
        )
    _check_network(config)
    if not config.alone and config.teacher_hash is None and not config.teachers:
        raise SettingsError(
            "others could reach this studio, and its teachers' pages have no password",
            cure="set one in KINDVOICE_STUDIO_PASSWORD, or stay on this computer: --host 127.0.0.1",
        )  # fmt: skip
    if unknown := set(config.languages) - set(LANGUAGES):
        raise SettingsError(
            f"the studio has no pages in {sorted(unknown)[0]!r}",
            cure=f"known: {', '.join(LANGUAGES)}",
        )
    if not config.languages or not 0 <= config.jobs <= 64 or not config.keep_s >= 60:
        raise SettingsError(
            "`languages` wants one at least, `jobs` 0 to 64, `keep_s` 60 seconds at least",
        )
    for country, line in config.crisis.items():
        if country and not (len(country) == 2 and country.isascii() and country.isupper()):
            raise SettingsError(f"{country!r} is no country", cure='two letters, such as DE; "" for anywhere')
        if not line.strip() or not line.isprintable() or len(line) > 300:
            raise SettingsError(f"the crisis line of {country!r} wants one line of text")


def _check_teachers(teachers: Mapping[str, str]) -> None:
    folded = [fold(name) for name in teachers]
    if len(teachers) > MOST_TEACHERS or len(set(folded)) < len(folded):
        raise SettingsError(f"`teachers` wants {MOST_TEACHERS} names at most, no two alike, capitals aside")
    for name, hashed in teachers.items():
        if not name.strip() or name != name.strip() or len(name) > 60 or not name.isprintable():
            raise SettingsError(f"{name!r} is no name of a teacher", cure="one line of 60 letters at most")
        if not is_hash(hashed):
            raise SettingsError(f"what stands for the teacher {name!r} is no hash that the studio made")


def _check_network(config: Config) -> None:
    """A name or a proxy that can never be met would only show as pages that are refused."""
    for name in config.names:
        if not (_HOST.fullmatch(name) or is_address(name)):
            raise SettingsError(
                f"{name!r} is no name that a browser asks for",
                cure="such as studio.example.org, without https:// and without a port",
            )  # fmt: skip
    for proxy in config.proxies:
        try:
            network = ipaddress.ip_network(proxy)
        except ValueError:
            network = None
        if network is None or not network.prefixlen:
            raise SettingsError(
                f"{proxy!r} is no address of a proxy",
                cure="such as 127.0.0.1 or 172.18.0.0/16; never everybody's",
            )  # fmt: skip


_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


def _read_file(path: Path, *, needed: bool) -> dict[str, object]:
    """Plain values of Config, and the tables [limits], [crisis] and [teachers]."""
    if not needed and not path.is_file():
        return {}
    try:
        data: dict[str, object] = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from None
    values: dict[str, object] = {}
    for name, value in data.items():
        if name not in _SETTABLE:
            raise SettingsError(
                f"{path} has {name!r}, which is no setting of the studio",
                cure=did_you_mean(name, sorted(_SETTABLE)),
            )  # fmt: skip
        values[name] = _value(name, value, path)
    return values


def _value(name: str, value: object, path: Path) -> object:
    # What stands for a teacher is nobody's to read in a message.
    shown = "this" if name in {"teachers", "teacher_hash"} else repr(value)
    wrong = SettingsError(f"{path}: `{name}` cannot be {shown}")
    if name == "limits":
        return _limits(value, path)
    if name == "teachers":
        if not isinstance(value, dict) or not all(isinstance(hashed, str) for hashed in value.values()):
            raise wrong
        return dict(value)
    if name == "crisis":
        if not isinstance(value, dict) or not all(isinstance(line, str) for line in value.values()):
            raise wrong
        return {country.upper(): line for country, line in value.items()}
    if name in {"names", "proxies", "languages", "voices"}:
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            raise wrong
        return tuple(value)
    if type(value) not in {"port": (int,), "jobs": (int,), "keep_s": (int, float)}.get(name, (str,)):
        raise wrong
    return value


_MAY_BE_0 = frozenset({"page_bytes"})


def _limits(value: object, path: Path) -> Limits:
    known = {each.name: each.default for each in fields(Limits)}
    if not isinstance(value, dict):
        raise SettingsError(f"{path}: `limits` wants a table")
    for name, number in value.items():
        if name not in known:
            raise SettingsError(f"{path}: there is no limit {name!r}", cure=did_you_mean(name, known))
        if type(number) not in {int, type(known[name])} or not (
            number > 0 or (number == 0 and name in _MAY_BE_0)
        ):
            what = f"{path}: the limit {name!r} wants a number above 0, not {number!r}"
            raise SettingsError(what)
    return replace(Limits(), **value)


_SETTABLE = {each.name for each in fields(Config)} - {"data", "settings"}


# ---------------------------------------------------------------- addresses


def is_loopback(host: str) -> bool:
    """Whether what is bound here is reached from this computer alone.

    >>> [is_loopback(host) for host in ("127.0.0.1", "::1", "[::1]", "localhost", "0.0.0.0", "example.org")]
    [True, True, True, True, False, False]
    """
    if host.casefold() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.removeprefix("[").removesuffix("]")).is_loopback
    except ValueError:
        return False


def is_address(host: str) -> bool:
    """Whether it is a plain IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
