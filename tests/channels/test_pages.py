"""The pages, their files and the description of the API: from our own host alone, readable without JavaScript."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.site import PARTNER, Site

from channels.app import version
from channels.web import pages

PAGES = (
    "/", "/privacy", "/docs", "/contact", "/gesprek", "/inbedden", "/widget",
    "/voorbeeld/knop", "/voorbeeld/pagina", "/voorbeeld/iframe",
)  # fmt: skip


class Parsed(HTMLParser):
    """What a page holds: its tags with attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style"):
            self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self._inside:
            assert not data.strip(), f"inline {self._inside[-1]}"
        self.text += data


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_is_whole_and_names_no_other_host(site: Site, path: str) -> None:
    response = await site.http.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    page = Parsed(response.text)
    assert ("html", {"lang": "nl-BE"}) in page.tags
    assert not any(name.startswith("on") or name == "style" for _, attributes in page.tags for name in attributes)
    for tag, attributes in page.tags:
        address = attributes.get("src") or attributes.get("href") or ""
        if not address or address.startswith(("tel:", "#")):
            continue
        if tag == "a" and address.startswith("https://"):  # a link to follow; nothing is loaded from there
            assert "noreferrer" in (attributes.get("rel") or ""), address
            continue
        assert not re.match(r"[a-z]+:|//", address), address
        found = await site.http.get(urljoin(path, address))
        assert found.status_code == 200, address


async def test_the_page_helps_without_javascript(site: Site) -> None:
    page = Parsed((await site.http.get("/")).text)
    assert "1700" in page.text
    assert "geen mens" in page.text
    assert "Je browser is te oud" in page.text or "je browser is te oud" in page.text
    assert sum(tag == "h1" for tag, _ in page.tags) == 1


async def test_the_privacy_page_says_how_long(site: Site) -> None:
    page = Parsed((await site.http.get("/privacy")).text)
    assert f"tot {site.settings.session_days} dagen" in page.text


def test_no_file_of_ours_names_another_host_or_makes_markup() -> None:
    for path in (*Path(pages.HERE, "static").iterdir(), *Path(pages.HERE, "widget").iterdir()):
        text = path.read_text(encoding="utf-8")
        hosts = set(re.findall(r"https?://([a-z0-9.-]+)", text))
        assert hosts <= {"www.w3.org", "assistent.example"}, path.name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), (
            path.name
        )


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("docs.js", "text/javascript"), ("base.css", "text/css"), ("page.css", "text/css"), ("icon.svg", "image/svg+xml")],
)
async def test_static_files_have_their_type_and_are_asked_after(site: Site, name: str, media_type: str) -> None:
    response = await site.http.get(f"/static/{name}")
    assert response.headers["content-type"].startswith(media_type)
    assert response.headers["cache-control"] == "no-cache"
    again = await site.http.get(f"/static/{name}", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


async def test_the_api_describes_itself(site: Site) -> None:
    described = (await site.http.get("/openapi.json")).json()
    assert described["info"]["title"] == "Leerwijzer"
    assert described["info"]["version"] == version()
    assert set(described["paths"]) == {
        "/health/live", "/health/ready", "/webhooks/rest/", "/webhooks/rest/webhook",
        "/api/courses", "/api/courses/{key}", "/api/entitlements", "/afspraak/{token}.ics",
        "/web/session", "/web/messages", "/web/events", "/web/votes", "/web/simple", "/web/erase", "/web/typing", "/web/read",
    }  # fmt: skip
    body = described["paths"]["/webhooks/rest/webhook"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert {"sender", "message", "message_id", "metadata"} == set(body["properties"])
    assert set(body["required"]) == {"sender", "message"}
    references = re.findall(r'"\$ref": ?"(#[^"]+)"', str(described).replace("'", '"'))
    for reference in references:
        node = described
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_the_version_is_that_of_the_project() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())


@given(notice=st.text(max_size=80))
def test_a_notice_is_text(notice: str) -> None:
    parsed = Parsed(pages.render("home.html", notice=notice))
    assert [tag for tag, _ in parsed.tags] == [tag for tag, _ in Parsed(pages.render("home.html", notice="")).tags]


async def test_the_contact_page_names_people_to_call(site: Site) -> None:
    page = Parsed((await site.http.get("/contact")).text)
    assert ("a", {"href": "tel:+3280030700"}) in page.tags
    assert "VDAB" in page.text
    assert "1813" in page.text
    assert "Nagekeken op 23 november 2026" in page.text


async def test_only_allowed_sites_may_frame_the_conversation(site: Site) -> None:
    headers = (await site.http.get("/inbedden")).headers
    assert f"frame-ancestors 'self' {PARTNER};" in headers["content-security-policy"]
    assert "x-frame-options" not in headers
    elsewhere = (await site.http.get("/gesprek")).headers
    assert "frame-ancestors 'none'" in elsewhere["content-security-policy"]
    assert elsewhere["x-frame-options"] == "DENY"


@pytest.mark.parametrize("theme", ["vlaanderen", "niets", '"><script>'])
async def test_the_theme_of_an_iframe_is_one_that_exists(site: Site, theme: str) -> None:
    page = Parsed((await site.http.get("/inbedden", params={"thema": theme})).text)
    shown = [attributes["theme"] for tag, attributes in page.tags if tag == "leerwijzer-chat"]
    assert shown == ["vlaanderen" if theme == "vlaanderen" else "auto"]
