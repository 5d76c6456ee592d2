"""What may be logged of an error."""

from __future__ import annotations

import traceback


def kind_of(error: BaseException) -> str:
    """The name of an error's class: all that is stored of it."""
    return type(error).__name__


def fault(error: BaseException) -> dict[str, str]:
    """The class of an error and where it was raised. Never its text, which may hold what a person wrote."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rpartition('site-packages/')[2]}:{frames[-1].lineno}" if frames else ""
    return {"error": kind_of(error), "where": where}
