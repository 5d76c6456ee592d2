"""A person who has no mouse."""

from __future__ import annotations

from playwright.async_api import Page


class Keyboard:
    """Goes through a page with the keyboard alone."""

    def __init__(self, page: Page) -> None:
        self._page = page

    async def focused(self) -> str:
        """The name of what has the focus."""
        found = await self._page.evaluate(
            """() => {
                let element = document.activeElement;
                while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
                return element?.getAttribute("aria-label") ?? element?.innerText ?? "";
            }"""
        )
        return str(found).strip()

    async def tab_to(self, name: str, key: str = "Tab", most: int = 25) -> None:
        """Moves the focus to what is called so, in at most so many steps."""
        for _ in range(most):
            await self._page.keyboard.press(key)
            if await self.focused() == name:
                return
        raise AssertionError(f"no focus on {name}")
