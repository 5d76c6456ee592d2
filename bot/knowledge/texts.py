"""Every text that can reach a citizen, with the place it comes from: articles, responses, consent, pages, wording in code.

What stands in code is found by reading it: literal strings of Dutch words in the modules that word answers. Texts for
editors, counsellors and operators are left out, and so are lines in other languages.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from lxml import html

from bot.conversation.message import Button, Source
from bot.knowledge.articles import Level, Library, render
from bot.knowledge.figures import Figures
from bot.settings import ROOT, Settings
from bot.yaml_files import load_yaml

WORDING = (
    "actions",
    "bot/catalogue",
    "bot/conversation",
    "bot/entitlements",
    "bot/knowledge",
    "bot/overview",
    "bot/referral",
    "channels/web",
)
"""Where code words what citizens read."""
NOT_FOR_CITIZENS = frozenset(
    "calibration.py check.py claims.py commands.py datafile.py evaluation.py feeds.py finding.py importing.py language.py "
    "readability.py report.py texts.py upkeep.py".split()
)
FOR_OWNERS = frozenset({"docs.html", "owners.html", "demo.html", "demo.js"})
"""Pages and scripts that owners of sites and programmers read, not citizens."""

_DUTCH = re.compile(
    r"\b(de|het|een|en|of|je|jij|ik|is|zijn|niet|geen|van|voor|met|naar|dat|die|dit|deze|wat|hier|kan|wil|wordt)\b",
    re.IGNORECASE,
)
_ENGLISH = re.compile(r"\b(the|and|is not|must|no such|of the|with|for)\b", re.IGNORECASE)
_SCRIPT_STRING = re.compile(r"\"((?:[^\"\\\n]|\\.)*)\"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`")
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)
_FEWEST = 4
"""Words from which a literal counts as a text: less is a label or a part."""


@dataclass(frozen=True, slots=True)
class Text:
    """One text, as far as it is known before somebody reads it; a blank that is filled in later stands as "{}"."""

    where: str
    text: str
    kind: str
    """article, response, data, code or page."""
    level: Level = Level.PLAIN
    buttons: tuple[Button, ...] = ()
    sources: tuple[Source, ...] = ()

    @property
    def bubble(self) -> bool:
        """Whether it is one message as it is sent; the rest are parts of messages, or pages."""
        return self.kind in {"article", "response"}


def citizen_texts(settings: Settings, library: Library, figures: Figures, on: date) -> list[Text]:
    """Every text, in a stable order. Articles are those in force on that day."""
    return [
        *_articles(library, figures, on),
        *_responses(ROOT / "domain.yml"),
        *_data(settings.data_dir),
        *_code(ROOT),
        *_pages(ROOT / "channels" / "web"),
    ]


def _articles(library: Library, figures: Figures, on: date) -> Iterator[Text]:
    for article in library:
        day = article.valid_from if article.valid_from and article.valid_from > on else on
        if article.valid_until and article.valid_until < day:
            continue
        # As editors wrote it: what is added to an article past its check date is a matter of age, not of its language.
        named = (figures[identifier].check_again for identifier in article.figure_ids())
        day = max(min(day, article.check_again, *named), article.valid_from or date.min)
        for level in Level:
            shown = render(article, level, figures, day)
            yield Text(f"artikel {article.id} ({level})", shown.text, "article", level, shown.buttons, shown.sources)


def _responses(path: Path) -> Iterator[Text]:
    domain = load_yaml(path.read_text(encoding="utf-8"))
    for name, variants in domain["responses"].items():
        for response in variants:
            buttons = tuple(Button(title=b["title"], payload=b["payload"]) for b in response.get("buttons") or ())
            text = re.sub(r"\{\w+\}", "{}", response.get("text") or "")
            if text != "{}":
                yield Text(f"domain.yml {name}", text, "response", buttons=buttons)


def _data(data: Path) -> Iterator[Text]:
    consent = load_yaml((data / "referral" / "consent.yml").read_text(encoding="utf-8"))
    for version in consent["versions"]:
        for name in ("text", "acknowledgement"):
            yield Text(f"consent.yml {version['id']} {name}", _blanks(version[name]), "data")
    helplines = load_yaml((data / "referral" / "helplines.yml").read_text(encoding="utf-8"))
    yield from (Text(f"helplines.yml {name}", helplines[name], "data") for name in ("intro", "closing"))
    organisations = load_yaml((data / "referral" / "organisations.yml").read_text(encoding="utf-8"))
    for one in organisations["organisations"]:
        parts = [one.get("does"), one.get("cost"), one.get("note_for_citizen")]
        parts += [service.get("why") for service in (one.get("services") or {}).values()]
        for number, part in enumerate(filter(None, parts), start=1):
            yield Text(f"organisations.yml {one['id']} {number}", _blanks(str(part)), "data")
    for path in sorted((data / "entitlements").rglob("*.yml")):
        content = load_yaml(path.read_text(encoding="utf-8"))
        for where, text in _sentences_in(content, path.name):
            yield Text(where, _blanks(text), "data")


_EDITORS = frozenset({"note", "source", "sources", "title", "legal_basis", "professional", "rule", "legal"})
"""Fields of data files that citizens never read."""


def _sentences_in(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        name = value.get("id") or value.get("name")
        for key, part in value.items():
            if key not in _EDITORS:
                yield from _sentences_in(part, f"{where} {name}" if name and key != "id" else where)
    elif isinstance(value, list):
        for part in value:
            yield from _sentences_in(part, where)
    elif isinstance(value, str) and _is_text(value):
        yield where, value


def _code(root: Path) -> Iterator[Text]:
    for folder in WORDING:
        for path in sorted((root / folder).rglob("*.py")):
            if path.name in NOT_FOR_CITIZENS or path.parent.name == "importers":
                continue
            for line, text in literals(path.read_text(encoding="utf-8")):
                yield Text(f"{path.relative_to(root)}:{line}", text, "code")


def literals(source: str) -> Iterator[tuple[int, str]]:
    """The Dutch texts in Python code, with their line: no docstrings, nothing that is raised or logged."""
    tree = ast.parse(source)
    skipped: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(node.value)
        elif isinstance(node, ast.Raise) or (isinstance(node, ast.Call) and _is_log_or_list(node)):
            skipped.update(ast.walk(node))
        elif isinstance(node, ast.JoinedStr) and node not in skipped:
            skipped.update(part for part in node.values if isinstance(part, ast.Constant))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = _blanks(node.value)
        else:
            continue
        if _is_text(text):
            yield node.lineno, text


def _is_log_or_list(call: ast.Call) -> bool:
    """Whether a call logs, or splits a literal into a list of words."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    if isinstance(function.value, ast.Name):
        return function.value.id == "log"
    return function.attr == "split" and isinstance(function.value, ast.Constant)


def _pages(folder: Path) -> Iterator[Text]:
    for path in sorted(folder.rglob("*.html")):
        if path.name in FOR_OWNERS:
            continue
        for tag, text in page_texts(path.read_text(encoding="utf-8")):
            yield Text(f"{path.name} <{tag}>", text, "page")
    for path in sorted(folder.rglob("*.js")):
        if path.name in FOR_OWNERS:
            continue
        for text in script_texts(path.read_text(encoding="utf-8")):
            yield Text(path.name, text, "page")


_BLOCK = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_READ = "p li h1 h2 h3 dd dt label button figcaption td th summary".split()


def page_texts(source: str) -> Iterator[tuple[str, str]]:
    """The texts of a page or a template, with the element they stand in."""
    page = html.fromstring(f"<div>{_VALUE.sub('{}', _BLOCK.sub('', source))}</div>")
    for node in page.iter(*_READ):
        text = re.sub(r"\s+", " ", "".join(str(part) for part in node.itertext())).strip()
        if _is_text(text):
            yield str(node.tag), text


def script_texts(source: str) -> Iterator[str]:
    """The Dutch texts in JavaScript."""
    for match in _SCRIPT_STRING.finditer(_COMMENT.sub("", source)):
        text = re.sub(r"\$\{[^}]*\}", "{}", next(filter(None, match.groups()), ""))
        if _is_text(text):
            yield text


def _blanks(text: str) -> str:
    return re.sub(r"\{[a-z_][a-z_0-9.:-]*\}", "{}", text)


def _is_text(text: str) -> bool:
    words = re.findall(r"[^\W\d_]{2,}", text)
    if len(words) < _FEWEST or "<" in text or "\\" in text or "(?:" in text or text.lstrip().startswith(("/", "http")):
        return False
    return len(_DUTCH.findall(text)) >= 2 and len(_DUTCH.findall(text)) > len(_ENGLISH.findall(text))
