"""What axe-core finds wrong with a page."""

from __future__ import annotations

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


async def violations(page: Page) -> list[str]:
    """The violations on a page as it stands now, frames included; each with the markup that it is about."""
    results = await Axe().run(page, options=RULES)
    return [
        f"{found['id']}: {node['html'][:120]} {node.get('failureSummary', '')}"
        for found in results.response["violations"]
        for node in found["nodes"][:1]
    ]
