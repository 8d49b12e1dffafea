"""Jinja2 over an author's text: path and values in, text and line map out.

The author's own text may hold loops and conditions; values (a participant's phrases, settings from the
command line) are data. Whatever a value holds is spoken as plain words: every character of it that
could mean something to the parser is replaced by its literal twin before it leaves the template.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jinja2
from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from kindvoice.errors import KindvoiceError, ScriptError, nearest
from kindvoice.model import Where
from kindvoice.script.literal import MAX_LINES, LineMap, line_mark, protect, split_marks

MAX_CHARACTERS = 2_000_000
"""An expanded script longer than this is a loop that has run away: about 40 hours of speech."""

_CURES = {
    "minutes": "`minutes` needs a length: add `length: 15m` to the front matter or give --length 15m",
    "phrases": "this script speaks phrases: add `phrases: [...]` to the front matter, or give --phrase or --phrases",
}
# These turn a value into markup, which would let a phrase be obeyed.
_UNSAFE_FILTERS = ("safe", "escape", "e", "forceescape", "urlize", "xmlattr", "tojson", "pprint", "indent")


@dataclass(frozen=True, slots=True)
class Expanded:
    text: str
    lines: LineMap


class _MarkLines(Extension):
    """Puts the author's line number in front of every piece of text that a template can emit."""

    def filter_stream(self, stream: TokenStream) -> Iterator[Token]:  # type: ignore[override]
        for token in stream:
            if token.type == "data":
                yield Token(token.lineno, "data", _mark(token.value, token.lineno))
            elif token.type == "variable_begin":
                yield Token(token.lineno, "data", line_mark(min(token.lineno, MAX_LINES)))
                yield token
            else:
                yield token


def _mark(text: str, line: int) -> str:
    pieces = text.split("\n")
    return "\n".join(line_mark(min(line + i, MAX_LINES)) + piece for i, piece in enumerate(pieces))


def _as_data(value: Any) -> Any:
    """What `{{ ... }}` may print: text and numbers, made harmless. Text of the author's own (a macro's,
    a `{% set %}` block's) comes as Markup and stays as it is."""
    if isinstance(value, Markup):
        return value
    if value is None or isinstance(value, bool) or not isinstance(value, (str, int, float, jinja2.Undefined)):
        kind = {"NoneType": "nothing", "list": "a list; use {% for ... %}", "dict": "a table"}
        what = kind.get(type(value).__name__, type(value).__name__)
        raise ScriptError(f"a value that is printed here is not text but {what}")
    return Markup(protect(str(value)))


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        autoescape=True,  # so that the author's macros give Markup, and can be told from values
        finalize=_as_data,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=[_MarkLines],
    )
    for name in _UNSAFE_FILTERS:
        environment.filters.pop(name, None)
    return environment


def expand(text: str, values: Mapping[str, object], path: str) -> Expanded:
    """The author's text with its loops and conditions carried out.

    text: cleaned, its first line being line 1 of `path`. Raises ScriptError with file and line.
    """
    environment = _environment()
    try:
        template = environment.from_string(text)
        pieces: list[str] = []
        length = 0
        for piece in template.generate(**values):
            pieces.append(piece)
            length += len(piece)
            if length > MAX_CHARACTERS:
                raise ScriptError(
                    "the script does not come to an end: its loops give over two million characters",
                    where=Where(path=path, line=0),
                )
    except jinja2.TemplateSyntaxError as error:
        raise ScriptError(
            f"the template cannot be read: {error.message}",
            where=Where(path=path, line=error.lineno),
            cure=_syntax_cure(error.message or "", environment),
        ) from None
    except KindvoiceError as error:
        if error.where is not None:
            raise
        where = Where(path=path, line=_template_line(error))
        raise type(error)(error.what, where=where, cure=error.cure) from None
    except jinja2.UndefinedError as error:
        where = Where(path=path, line=_template_line(error))
        name = str(error.message or "").split("'")[1] if "'" in str(error.message) else ""
        hint = nearest(name, set(values) | {"minutes", "phrases"})
        cure = _CURES.get(name) or (f"did you mean {hint!r}?" if hint else _known(values))
        raise ScriptError(str(error.message), where=where, cure=cure) from None
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
        # Whatever an author's expression can raise: adding text to a number, a missing key, a bad filter.
        where = Where(path=path, line=_template_line(error))
        raise ScriptError(f"the template fails here: {error}", where=where) from None
    plain, lines = split_marks("".join(pieces))
    return Expanded(plain, lines)


def _known(values: Mapping[str, object]) -> str:
    return f"known here: {', '.join(sorted(values))}; others can be given with --set name=value"


def _syntax_cure(message: str, environment: jinja2.Environment) -> str:
    if message.startswith("No filter named"):
        return f"did you mean {hint!r}?" if (hint := nearest(message.split("'")[1], environment.filters)) else ""
    if "unknown tag" in message:
        return "known: {% if %} {% elif %} {% else %} {% endif %} {% for %} {% endfor %} {% set %} {% macro %}"
    return "every {% if %} wants its {% endif %}, every {% for %} its {% endfor %}, every {{ its }}"


def _template_line(error: BaseException) -> int:
    """The author's line that was being carried out; 0 when the traceback does not say."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
    return (frames[-1].lineno or 0) if frames else 0
