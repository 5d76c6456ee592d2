"""The widget as one file: small, closed, the same everywhere, and every version that a site pinned stays there."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest
from support.site import Site

from channels.app import version
from channels.web.bundle import PARTS, SOURCE, Versions, bundle, smaller_css, smaller_js

MOST = 20_000
"""Bytes, compressed, of all that a page loads."""


def test_it_is_small() -> None:
    assert len(bundle("1.2.3").compressed) <= MOST


def test_it_is_the_same_each_time() -> None:
    assert bundle("1.2.3") == bundle("1.2.3")
    assert gzip.decompress(bundle("1.2.3").compressed) == bundle("1.2.3").content


def test_every_module_is_in_it_after_what_it_needs() -> None:
    assert {f"{name}.js" for name in PARTS} == {path.name for path in SOURCE.glob("*.js")}
    for position, name in enumerate(PARTS):
        for needed in re.findall(r'from "./([a-z]+).js"', (SOURCE / f"{name}.js").read_text(encoding="utf-8")):
            assert needed in PARTS[:position], f"{name} needs {needed} before it"


def test_no_name_stands_in_two_modules() -> None:
    top = re.compile(r"^(?:export )?(?:async )?(?:const|let|class|function) (\w+)", re.MULTILINE)
    names = ["CSS", *(name for path in SOURCE.glob("*.js") for name in top.findall(path.read_text(encoding="utf-8")))]
    assert sorted(names) == sorted(set(names))


def test_what_it_imports_is_exported() -> None:
    for name in PARTS:
        text = (SOURCE / f"{name}.js").read_text(encoding="utf-8")
        for wanted, module in re.findall(r'^import \{([^}]*)\} from "./(\w+).js";', text, re.MULTILINE):
            exporter = (SOURCE / f"{module}.js").read_text(encoding="utf-8")
            for one in re.split(r"[,\s]+", wanted.strip(" ,\n")):
                assert re.search(rf"^export (?:async )?(?:const|class|function) {one}\b", exporter, re.MULTILINE), one


def test_no_text_spans_lines_so_that_indentation_may_go() -> None:
    for path in SOURCE.glob("*.js"):
        code = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        for line in code.splitlines():
            assert line.split(" // ")[0].count("`") % 2 == 0, f"{path.name}: {line}"


def test_only_comments_and_modules_go() -> None:
    text = """import { a } from "./a.js";
/* a comment
 * of lines */
/** One line. */
export function f() {
  // why
  const url = "https://x.example//y"; // behind
  return `a  b` + url;
}
"""
    assert smaller_js(text) == 'function f() {\nconst url = "https://x.example//y";\nreturn `a  b` + url;\n}'
    css = 'a:not([b]) .c,\n.d { /* x */ margin: calc(1em + 2px) auto;\n content: "✓ " / ""; }\n'
    assert smaller_css(css) == 'a:not([b]) .c,.d{margin: calc(1em + 2px) auto;content: "✓ " / "";}'


async def test_it_is_served_compressed_and_asked_after(site: Site) -> None:
    response = await site.http.get("/widget.js")
    assert response.headers["content-type"].startswith("text/javascript")
    assert response.headers["content-encoding"] == "gzip"
    assert response.content == bundle(version()).content
    assert response.headers["cache-control"] == "no-cache"
    again = await site.http.get("/widget.js", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = await site.http.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == response.content


async def test_any_page_may_check_its_integrity(site: Site) -> None:
    response = await site.http.get("/widget.js", headers={"Origin": "https://ergens.example"})
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_the_page_for_owners_pins_this_version(site: Site) -> None:
    page = (await site.http.get("/widget")).text
    (address,) = re.findall(r"https://leerwijzer\.example(/widget/[^&]+\.js)", page)
    pinned = await site.http.get(address)
    assert pinned.headers["cache-control"] == "public, max-age=31536000, immutable"
    digest = base64.b64encode(hashlib.sha384(pinned.content).digest()).decode()
    assert f"sha384-{digest}" in page.replace("&#43;", "+")


async def test_a_pinned_version_of_before_stays(site: Site) -> None:
    earlier = site.settings.var_dir / "widget" / f"0.0.1-{'a' * 16}.js"
    earlier.write_text("// van vroeger", encoding="utf-8")
    response = await site.http.get(f"/widget/{earlier.name}")
    assert (response.status_code, response.text) == (200, "// van vroeger")


@pytest.mark.parametrize("name", ["0.0.2-" + "b" * 16, "..%2F..%2Fsecret", "x", "%00", "a" * 300])
async def test_a_version_that_is_not_there_is_not_found(site: Site, name: str) -> None:
    assert (await site.http.get(f"/widget/{name}.js")).status_code == 404


def test_the_version_is_kept_once(tmp_path: Path) -> None:
    current = bundle("1.2.3")
    for _ in range(2):
        Versions(current, tmp_path / "widget").keep()
    (kept,) = (tmp_path / "widget").iterdir()
    assert kept.name == f"{current.name}.js"
    assert kept.read_bytes() == current.content
