"""Which place is home and which is work."""

from __future__ import annotations

import re

import pytest

from actions.whereabouts import Whereabouts, whereabouts


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ik woon in Brussel en werk in Zaventem", Whereabouts(home="Brussel", work="Zaventem")),
        ("ik werk in Zaventem en woon in Brussel", Whereabouts(home="Brussel", work="Zaventem")),
        ("in Zaventem werk ik, ik woon in Brussel", Whereabouts(home="Brussel", work="Zaventem")),
        ("ik woon in Brussel maar mijn job is in Zaventem", Whereabouts(home="Brussel", work="Zaventem")),
        ("ik woon en werk in Gent", Whereabouts(home="Gent", work="Gent")),
        ("ik werk voltijds in een bedrijf in Gent", Whereabouts(work="Gent")),
        ("ik zoek werk in Gent", Whereabouts(neither="Gent")),
        ("ik ben werkloos, een cursus in Gent", Whereabouts(neither="Gent")),
        ("ik werk als kok, een cursus in Gent graag", Whereabouts(neither="Gent")),
        ("in Gent", Whereabouts(neither="Gent")),
    ],
)
def test_home_and_work_are_told_apart(text: str, told: Whereabouts) -> None:
    places = [(match.start(), match[0]) for match in re.finditer("Brussel|Zaventem|Gent", text)]
    assert whereabouts(text, places) == told
