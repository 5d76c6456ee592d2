"""The widget as one file: the modules of `widget/` put together, made smaller, named by what they hold.

There is no build step: a process does this once when it starts, in milliseconds. The file is the same on every machine, so
its name and integrity hash are too. Files of earlier versions stay in `var_dir/widget`, because a site that pinned one by
its integrity hash must not lose its assistant when the server is renewed.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).parent / "widget"
PARTS: Final = (
    "storage", "connection", "dom", "lines", "voice", "keep", "options", "frame", "boot", "chat",
)  # fmt: skip
"""The modules in the order in which they need one another."""
NAME: Final = re.compile(r"[0-9A-Za-z.+]{1,40}-[0-9a-f]{16}")

_IMPORT: Final = re.compile(r"^import [^;]*;\n", re.MULTILINE)
_EXPORT: Final = re.compile(r"^export ", re.MULTILINE)
_BLOCK_COMMENT: Final = re.compile(r"^[ \t]*/\*.*?\*/[ \t]*\n?", re.MULTILINE | re.DOTALL)
_LINE_COMMENT: Final = re.compile(r"(?:^[ \t]*|[ \t]+)// .*$", re.MULTILINE)
_SPACES: Final = re.compile(r"\s+")
_AROUND_SIGNS: Final = re.compile(r"\s*([{};,])\s*")


@dataclass(frozen=True, slots=True)
class Bundle:
    """The widget, ready to serve."""

    name: str
    """Version and hash: what its address is made of."""
    content: bytes
    compressed: bytes
    integrity: str
    """For the attribute `integrity` of a script tag, and for `script-src` of a policy."""


def bundle(version: str) -> Bundle:
    """The widget of this source tree."""
    return packed(assemble(SOURCE).encode(), version)


def packed(content: bytes, version: str) -> Bundle:
    """A script, ready to serve as a version of the widget."""
    return Bundle(
        name=f"{version}-{hashlib.sha256(content).hexdigest()[:16]}",
        content=content,
        compressed=gzip.compress(content, 9, mtime=0),
        integrity="sha384-" + base64.b64encode(hashlib.sha384(content).digest()).decode(),
    )


def assemble(source: Path) -> str:
    """The modules and the style of a directory as one script, whose names stay inside it."""
    css = smaller_css((source / "widget.css").read_text(encoding="utf-8"))
    parts = [smaller_js((source / f"{name}.js").read_text(encoding="utf-8")) for name in PARTS]
    return "\n".join(['(()=>{"use strict";', f"const CSS={json.dumps(css, ensure_ascii=False)};", *parts, "})();", ""])


def smaller_js(text: str) -> str:
    """A module without its imports, exports, comments and indentation. No text of ours spans lines."""
    text = _EXPORT.sub("", _IMPORT.sub("", _BLOCK_COMMENT.sub("", text)))
    lines = (line.strip() for line in _LINE_COMMENT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line)


def smaller_css(text: str) -> str:
    """A style sheet without comments and needless space."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    return _AROUND_SIGNS.sub(r"\1", _SPACES.sub(" ", text)).strip()


class Versions:
    """The versions of the widget that this server gives: its own, and those of before that are kept in a directory."""

    def __init__(self, current: Bundle, kept: Path) -> None:
        self.current = current
        self._kept = kept

    def keep(self) -> None:
        """Keeps the current version for the servers that come after this one."""
        self._kept.mkdir(parents=True, exist_ok=True)
        path = self._path(self.current.name)
        if not path.exists():
            draft = path.with_suffix(".new")
            draft.write_bytes(self.current.content)
            draft.replace(path)

    def find(self, name: str) -> bytes | None:
        """The content of a version by its name."""
        if name == self.current.name:
            return self.current.content
        if not NAME.fullmatch(name):
            return None
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            return None

    def _path(self, name: str) -> Path:
        return self._kept / f"{name}.js"
