"""The Jinja2 that scripts get: enough to choose and to repeat, too little to do harm.

No file, no secret, no chance: attributes that lead out are closed, and what makes two builds of one script
differ is not there. Memory and time are bounded by one account: whatever a template makes longer or
does again is charged, and a script that has overdrawn does not come to an end.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sized
from typing import Any, ClassVar, NoReturn

import jinja2
from jinja2 import filters
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import missing

from kindvoice.errors import OWN_OPEN, ScriptError, as_own
from kindvoice.model import Where
from kindvoice.script.literal import MARK, TAG, reveal, strip_marked

MAX_CHARACTERS = 2_000_000
"""An expanded script longer than this is a loop that has run away: about 40 hours of speech."""
_MAX_WORK = 20_000_000
"""Characters made or read over by all expressions together, a step of a loop and a call among them."""
_STEP = 100
_MARKS = re.compile(rf"{MARK}|{TAG}")
_LARGE_BITS = 4_096
"""A whole number larger than this is no number that a meditation needs."""

_TEXT_METHODS = frozenset(
    ["capitalize", "casefold", "count", "endswith", "find", "isalpha", "isdigit", "islower", "isupper", "lower",
     "lstrip", "rstrip", "split", "startswith", "strip", "title", "upper"]
)  # fmt: skip


class Own(str):
    """A participant's own words as a template sees them. What a template makes of them is theirs as well."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Own:
        return Own(super().__getitem__(key))

    def __iter__(self) -> Iterator[Own]:
        return map(Own, super().__iter__())


def _owned(result: Any, *made_of: Any) -> Any:
    """The result as somebody's own, if it is a text and something that it was made of is."""
    if not any(isinstance(part, Own) for part in made_of):
        return result
    if isinstance(result, list):
        return [_owned(part, *made_of) for part in result]
    return Own(result) if isinstance(result, str) and not isinstance(result, Own) else result


class NotKnown(jinja2.UndefinedError):
    """A name, or a thing's attribute, that is not there."""

    def __init__(self, message: str | None = None, *, name: str = "", owner: object = None) -> None:
        super().__init__(message)
        self.name = name
        self.owner = owner
        """what was asked for its attribute; None for a name by itself"""


class _Undefined(jinja2.StrictUndefined):
    """Like Jinja's own, and its error can say what was asked of what."""

    __slots__ = ()

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: Any = None, exc: Any = None
    ) -> None:
        if exc is None or exc is jinja2.UndefinedError:
            owner = None if obj is missing else obj
            name = reveal(name) if isinstance(name, str) else name
            hint = hint or _message(owner, name)
            exc = functools.partial(NotKnown, name=str(name), owner=owner)
        super().__init__(hint, obj, name, exc)


def _message(owner: object, name: object) -> str | None:
    if isinstance(owner, str):
        return f"a text has no {name!r}"
    if isinstance(owner, (list, tuple)):
        return f"a list has no {name!r}" if isinstance(name, str) else f"the list has no entry [{name}]"
    return f"the table has no {name!r}" if isinstance(owner, Mapping) else None


class Sandbox(ImmutableSandboxedEnvironment):
    """One for every script that is expanded: the account is its own."""

    KNOWN_FILTERS: ClassVar[frozenset[str]] = frozenset(
        ["abs", "capitalize", "count", "d", "default", "dictsort", "first", "float", "int", "items", "join", "last",
         "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace", "reverse", "round",
         "select", "selectattr", "sort", "string", "title", "trim", "truncate", "unique", "upper", "wordcount"]
    )  # fmt: skip
    """Those that could make markup, chance or endless text are not there."""
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(undefined=_Undefined, finalize=self.printed, keep_trailing_newline=True)
        own: dict[str, Callable[..., Any]] = {
            "join": self._join, "replace": self._replace, "round": self._round, "string": self.text_of,
            "trim": _trim, "length": _length, "count": _length, "int": _int, "float": _float,
        }  # fmt: skip
        self.filters = _usual_filters() | {name: _keeping(filter) for name, filter in own.items()}
        self.globals.pop("lipsum")
        self._work = 0

    # -- the account

    def spend(self, work: int) -> None:
        self._work += work
        if self._work > _MAX_WORK:
            self.give_up()

    def give_up(self, where: Where | None = None) -> NoReturn:
        cure = "look at what its loops, its macros and its * repeat"
        raise ScriptError("the script does not come to an end", where=where, cure=cure)

    # -- texts

    def text_of(self, value: object) -> str:
        """What a value is when it is put into text. Raises ScriptError for what is neither text nor number."""
        if isinstance(value, Own):
            return Own(value)
        if isinstance(value, (str, jinja2.Undefined)):
            return str(value)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            kind = _KINDS.get(type(value).__name__, "nothing that can be read")
            raise ScriptError(f"a value that is printed here is {kind}", cure="print a text or a number")
        if not math.isfinite(value):
            raise ScriptError("a value that is printed here is no number")
        return str(int(value) if value == int(value) else value)

    def printed(self, value: object) -> str:
        """What `{{ ... }}` puts into the text."""
        text = self.text_of(value)
        self.spend(len(text))
        # What a macro or a block has made of them before holds marks, each of which would end what is theirs.
        return as_own(_MARKS.sub(rf"\g<0>{OWN_OPEN}", text)) if isinstance(value, Own) else text

    def put_together(self, *values: object) -> str:
        """`a ~ b`"""
        return self._join(values)

    def _join(self, value: Iterable[object], d: str = "", attribute: str | int | None = None) -> str:
        if attribute is not None:
            value = map(filters.make_attrgetter(self, attribute), value)
        texts = [self.text_of(item) for item in value]
        self.spend(sum(map(len, texts)) + len(texts) * len(d))
        joined: str = _owned(d.join(texts), *texts)
        return joined

    def _replace(self, s: object, old: object, new: object, count: int = -1) -> str:
        text, pattern, put = self.text_of(s), self.text_of(old), self.text_of(new)
        self.spend(len(text) + text.count(pattern) * len(put))
        return text.replace(pattern, put, count)

    def _round(self, value: float, precision: int = 0, method: Any = "common") -> float:
        if not 0 <= precision <= 9:
            raise ScriptError("a number is rounded to 0 to 9 places")
        return filters.do_round(value, precision, method)

    # -- loops, calls, sums

    def loop_over(self, iterable: Iterable[object], cost: int) -> Collection[object]:
        """What a {% for %} goes through, paid in advance."""
        items = iterable if isinstance(iterable, Collection) else list(iterable)
        self.spend(len(items) * (_STEP + cost))
        return items

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        self.spend(_STEP)
        return _owned(super().call(context, obj, *args, **kwargs), getattr(obj, "__self__", None))

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            raise ScriptError("a text cannot be formatted with %", cure="put texts together with ~")
        if operator == "+" and isinstance(left, str) != isinstance(right, str):
            raise ScriptError("a text and something else cannot be added", cure="put them together with ~")
        if operator == "+":
            self.spend(_size(left) + _size(right))
        elif operator == "*":
            self.spend(_times(left, right))
        if operator in {"*", "**"} and isinstance(left, int) and isinstance(right, int):
            bits = left.bit_length() * right if operator == "**" else left.bit_length() + right.bit_length()
            if bits > _LARGE_BITS:
                raise ScriptError("a number becomes too large")
        return _owned(super().call_binop(context, operator, left, right), left, right)

    # -- what leads out

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        if isinstance(obj, str):
            return attr in _TEXT_METHODS or attr in getattr(type(obj), "open_attributes", ())
        if isinstance(obj, (int, float)):
            return False
        return super().is_safe_attribute(obj, attr, value)

    def unsafe_undefined(self, obj: Any, attribute: str) -> jinja2.Undefined:
        instead = f"; write |{attribute}" if attribute in self.KNOWN_FILTERS else ""
        return self.undefined(f".{attribute} is closed to scripts{instead}", obj, attribute, SecurityError)

    def wrap_str_format(self, value: Any) -> None:
        """Formatting could make endless text, and is closed like any other attribute."""


def _keeping(jinja_filter: Callable[..., Any]) -> Callable[..., Any]:
    """The filter, whose text is somebody's own where it was made of such."""

    @functools.wraps(jinja_filter)
    def kept(*args: Any, **kwargs: Any) -> Any:
        return _owned(jinja_filter(*args, **kwargs), *args, *kwargs.values())

    return kept


@functools.cache
def _usual_filters() -> dict[str, Callable[..., Any]]:
    return {name: _keeping(filters.FILTERS[name]) for name in Sandbox.KNOWN_FILTERS}


_KINDS = {
    "NoneType": "nothing", "bool": "true or false, not text", "list": "a list; use {% for ... %}",
    "tuple": "a list; use {% for ... %}", "dict": "a table", "_Table": "a table",
}  # fmt: skip


def _times(left: object, right: object) -> int:
    """How long `left * right` will be."""
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Sized) and isinstance(other, int):
            return len(one) * max(0, other)
    return 1


def _size(value: object) -> int:
    return len(value) if isinstance(value, Sized) else 1


def _trim(value: object, chars: str | None = None) -> str:
    return str(value).strip(chars) if chars else strip_marked(str(value))


def _length(value: Collection[object]) -> int:
    return len(reveal(value) if isinstance(value, str) else value)


def _int(value: Any, default: int = 0) -> int:
    return filters.do_int(reveal(value) if isinstance(value, str) else value, default)


def _float(value: Any, default: float = 0.0) -> float:
    return filters.do_float(reveal(value) if isinstance(value, str) else value, default)
