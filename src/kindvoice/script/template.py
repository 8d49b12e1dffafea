"""Jinja2 over an author's text: path and values in, text and line map out.

The author's own text may hold loops and conditions; values (a participant's phrases, settings from the
command line) are data. They are made harmless before the template sees them: every character of a value
that could mean something to the parser is replaced by its twin, which means only itself. So there is
nothing that a filter, a macro or a loop could do to have a value obeyed. The texts that stand in quotes
inside of {{ }} and {% %} are replaced likewise, so that they still compare with values.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from types import CodeType
from typing import Any

import jinja2
from jinja2 import meta, nodes
from jinja2.visitor import NodeTransformer

from kindvoice.errors import Faults, KindvoiceError, ScriptError, as_own, did_you_mean, nearest, terminal
from kindvoice.model import Where
from kindvoice.script.literal import MARK, TAG, clean, line_mark, protect, reveal, split_marks, twin
from kindvoice.script.phrases import FORMS, Phrase
from kindvoice.script.sandbox import MAX_CHARACTERS, NotKnown, Own, Sandbox

_CURES = {
    "minutes": "`minutes` needs a length: add `length: 15m` to the front matter"
    + terminal(" or give --length 15m"),
    "phrases": "this script speaks phrases: add `phrases: [...]` to the front matter"
    + terminal(", or give --phrase or --phrases"),
}


def expand(text: str, values: Mapping[str, object], path: str, own: Collection[str] = frozenset()) -> str:
    """The author's text with its loops and conditions carried out, marked as `split_marks` reads it.

    text: cleaned, its first line being line 1 of `path`. own: the names of values that are a participant's own words;
    what comes of them is marked. Raises ScriptError with file and line; of names that are not known, of all.
    """
    try:
        pieces = _carried_out(
            text, {name: _harmless(value, own=name in own) for name, value in values.items()}, path
        )
    except jinja2.TemplateSyntaxError as error:
        where = Where(path=path, line=error.lineno)
        what = f"the template cannot be read: {error.message}"
        raise ScriptError(what, where=where, cure=_syntax_cure(error.message or "")) from None
    except NotKnown as error:
        raise _not_known_errors(error, text, values, path) from None
    except KindvoiceError as error:
        raise (
            error if error.where is not None else error.at(Where(path=path, line=_template_line(error)))
        ) from None
    except (RecursionError, SyntaxError, MemoryError) as error:
        # Python's own limits: a macro that calls itself without end, twenty loops in one another.
        where = Where(path=path, line=_template_line(error))
        raise ScriptError("the template is nested too deeply", where=where) from None
    except (
        jinja2.TemplateError,
        TypeError,
        ValueError,
        ArithmeticError,
        LookupError,
        AttributeError,
    ) as error:
        # Whatever an author's expression can raise: adding text to a number, a missing key, a bad filter.
        where = Where(path=path, line=_template_line(error))
        # What it quotes may be a participant's.
        what = as_own(reveal(str(error))) if own else reveal(str(error))
        raise ScriptError(f"the template fails here: {what}", where=where) from None
    return _TAG_ONLY.sub("", "".join(pieces))


def _carried_out(text: str, values: dict[str, Any], path: str) -> list[str]:
    sandbox = Sandbox()
    code, globals_ = _compiled(text, path), sandbox.make_globals(None)
    template = sandbox.template_class.from_code(sandbox, code, globals_)
    pieces: list[str] = []
    length = 0
    for piece in template.generate(values):
        if not isinstance(piece, str):
            raise ScriptError("a {% filter %} gives no text here")
        pieces.append(piece)
        length += len(piece)
        if length > MAX_CHARACTERS:
            _, origin = split_marks(piece)
            sandbox.give_up(Where(path=path, line=origin.line_at(len(piece))))
    return pieces


@lru_cache(maxsize=32)
def _compiled(text: str, path: str) -> CodeType:
    """A script's template: it is the same at every length, for every participant, and takes longest to make."""
    sandbox = Sandbox()
    tree = _Prepare(path).visit(sandbox.parse(text))
    tree.set_environment(sandbox)
    return sandbox.compile(tree)


@lru_cache(maxsize=32)
def names_in(text: str) -> frozenset[str]:
    """The names that a template uses; none of one that cannot be read."""
    try:
        return frozenset(node.name for node in Sandbox().parse(text).find_all(nodes.Name))
    except (jinja2.TemplateSyntaxError, RecursionError):
        return frozenset()


# ---------------------------------------------------------------- values on their way in


class _Wish(str):
    """A phrase as a template sees it: harmless, and so are its forms."""

    __slots__ = ("_phrase",)
    _phrase: Phrase
    open_attributes = frozenset(FORMS)

    def __getattr__(self, name: str) -> str:
        if name in FORMS:
            return protect(getattr(self._phrase, name))
        raise AttributeError(name)


class _OwnWish(_Wish, Own):
    """A participant's."""

    __slots__ = ()

    def __getattr__(self, name: str) -> str:
        return Own(super().__getattr__(name))


class _Table(dict[Any, Any]):
    """A table whose keys are harmless; a key that a template names finds its twin."""

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, str) and (other := twin(key)) != key:
            return self[other]
        raise KeyError(key)


def _harmless(value: object, *, own: bool) -> Any:
    if isinstance(value, Phrase):
        wish = (_OwnWish if own else _Wish)(protect(value))
        wish._phrase = value
        return wish
    if isinstance(value, str):
        return Own(protect(value)) if own else protect(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return _Table({_harmless(key, own=own): _harmless(item, own=own) for key, item in value.items()})
    if isinstance(value, (list, tuple)):
        return tuple(_harmless(item, own=own) for item in value)
    raise ScriptError(f"a template cannot use a value of the kind {type(value).__name__}")


# ---------------------------------------------------------------- the author's text on its way in

# A line on which nothing stands but tags leaves no line behind.
_TAG_ONLY = re.compile(rf"^(?:[ \t]|{MARK})*{TAG}(?:[ \t]|{MARK}|{TAG})*(?:\n|\Z)", re.MULTILINE)
_CUE_IN_QUOTES = re.compile(r"\[[^\[\]]*\]|<\s*break\b")


class _Prepare(NodeTransformer):
    """Marks where each piece of text stood, makes quoted texts harmless, and leads loops and the joining of
    texts through the sandbox."""

    def __init__(self, path: str) -> None:
        self._path = path

    def visit_Output(self, node: nodes.Output) -> nodes.Output:
        # An Output reaches from one tag to the next; a comment parts its data in two.
        children: list[nodes.Expr] = []
        after_text = True
        for child in node.nodes:
            is_text = isinstance(child, nodes.TemplateData)
            before = TAG if is_text and after_text else "" if is_text else line_mark(child.lineno)
            children.append(nodes.TemplateData(before, lineno=child.lineno))
            if isinstance(child, nodes.TemplateData):
                child.data = _marked(child.data, child.lineno)
            children.append(self.visit(child))
            after_text = is_text
        node.nodes = [*children, nodes.TemplateData(TAG, lineno=node.nodes[-1].lineno)]
        return node

    def visit_Const(self, node: nodes.Const) -> nodes.Const:
        if isinstance(node.value, str):
            text = clean(node.value)  # "\\x5b" has become a bracket only now
            if _CUE_IN_QUOTES.search(text):
                raise ScriptError(
                    f"a cue in quotes would be spoken: {text!r}",
                    where=Where(path=self._path, line=node.lineno),
                    cure="write it outside of the quotes: {% if ... %}[pause 8s]{% endif %}, "
                    "or {% set gap %}[pause 8s]{% endset %} and {{ gap }}",
                )
            node.value = twin(text)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Call:
        self.generic_visit(node)
        return self._through("put_together", node.nodes, node.lineno)

    def visit_For(self, node: nodes.For) -> nodes.For:
        cost = sum(len(data.data) for data in node.find_all(nodes.TemplateData))
        self.generic_visit(node)
        node.iter = self._through("loop_over", [node.iter, nodes.Const(cost)], node.lineno)
        return node

    def _through(self, name: str, arguments: Sequence[nodes.Node], line: int) -> nodes.Call:
        return nodes.Call(nodes.EnvironmentAttribute(name), list(arguments), [], None, None, lineno=line)

    def _other_file(self, node: nodes.Node) -> nodes.Node:
        raise ScriptError(
            "a script cannot take in another file",
            where=Where(path=self._path, line=node.lineno),
            cure="put everything into one file; {% macro %} is for what is said again and again",
        )

    visit_Include = visit_Import = visit_FromImport = visit_Extends = _other_file


def _marked(text: str, line: int) -> str:
    pieces = text.split("\n")
    return "\n".join(line_mark(line + i) + piece for i, piece in enumerate(pieces))


_TAG_OPENS = re.compile(r"\{[{%#]")
_TAG_CLOSES = {"{{": "}}", "{%": "%}", "{#": "#}"}
_ANY_CUE = re.compile(r"\[[^\[\]\n]*\]")


def without_tags(text: str) -> str:
    """The author's text in all its branches at once, without a value, marked as `expand` gives it."""
    bare, position, closes = [], 0, dict(_TAG_CLOSES)
    while opened := _TAG_OPENS.search(text, position):
        close = closes.get(opened[0], "")
        stop = text.find(close, opened.end()) + 2 if close else 1
        if stop < 2:
            closes.pop(opened[0], None)  # none of its kind is closed from here on
            bare.append(text[position : opened.end()])
            position = opened.end()
            continue
        tag = text[opened.start() : stop]
        bare += [text[position : opened.start()], TAG, "\n" * tag.count("\n")]
        position = stop
    # A cue that the template makes cannot be judged without it.
    whole = "".join([*bare, text[position:]])
    return _marked(_ANY_CUE.sub(lambda cue: "" if TAG in cue[0] else cue[0], whole), 1)


# ---------------------------------------------------------------- what to say when it fails


def _syntax_cure(message: str) -> str:
    quoted = message.split("'")[1] if message.count("'") > 1 else ""
    if message.startswith("No filter named"):
        return did_you_mean(quoted, sorted(Sandbox.KNOWN_FILTERS))
    if "unknown tag" in message:
        return (
            "known: {% if %} {% elif %} {% else %} {% endif %} {% for %} {% endfor %} {% set %} {% macro %}"
        )
    return "every {% if %} wants its {% endif %}, every {% for %} its {% endfor %}, every {{ its }}"


def _not_known_errors(error: NotKnown, text: str, values: Mapping[str, object], path: str) -> KindvoiceError:
    """For a name by itself, of all the names that are not known."""
    faults = Faults()

    def note(error: NotKnown, line: int) -> None:
        where = Where(path=path, line=line)
        fault = ScriptError(str(error.message), where=where, cure=_not_known_cure(error, values))
        fault.missing = error.name if error.owner is None else ""
        faults.add(fault)

    note(error, _template_line(error))
    if error.owner is None:
        for name, line in _names_not_known(text, {*values, error.name}):
            note(NotKnown(f"{name!r} is undefined", name=name), line)
    return faults.error()


def _names_not_known(text: str, known: Collection[str]) -> Iterator[tuple[str, int]]:
    """Each with its first line; but for those that the author asks about, as in `{% if name is defined %}`."""
    sandbox = Sandbox()
    tree = sandbox.parse(text)
    asked_about = {
        node.node.name
        for node in tree.find_all((nodes.Test, nodes.Filter))
        if node.name in {"defined", "undefined", "default", "d"} and isinstance(node.node, nodes.Name)
    }
    names = meta.find_undeclared_variables(tree) - asked_about - set(known) - set(sandbox.globals)
    for name in names:
        yield name, min(node.lineno for node in tree.find_all(nodes.Name) if node.name == name)


def _not_known_cure(error: NotKnown, values: Mapping[str, object]) -> str:
    if error.owner is None:
        if error.name in _CURES:
            return _CURES[error.name]
        known = set(values) | set(_CURES)
        if hint := nearest(error.name, known):
            return f"did you mean {hint!r}?"
        return f"known here: {', '.join(sorted(values))}{terminal('; others can be given with --set name=value')}"
    if isinstance(error.owner, _Wish):
        return "a phrase has the forms " + ", ".join(f".{form}" for form in FORMS)
    if isinstance(error.owner, Mapping):
        keys = [
            as_own(text) if isinstance(key, Own) else text
            for key in error.owner
            if (text := reveal(str(key)))
        ]
        return did_you_mean(error.name, keys, f"it has: {', '.join(keys)}")
    if isinstance(error.owner, (list, tuple)):
        return f"the list has {len(error.owner)} entries; the first is [0]"
    return ""


def _template_line(error: BaseException) -> int:
    """The author's line that was being carried out; 0 when the traceback does not say."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == "<template>"]
    return (frames[-1].lineno or 0) if frames else 0
