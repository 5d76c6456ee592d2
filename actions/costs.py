"""What a course costs, line by line; without a course, the general tariff."""

from __future__ import annotations

import re

from rasa_sdk.events import SlotSet

from actions import tracker as look
from actions.answers import PERSON, found_by_meaning, known_facts, say_article, tell_article, tell_by_meaning
from actions.base import Event, Turn, TurnAction
from actions.pointing import ORDINAL_WORDS, chosen, named, ordinals, shown_last
from actions.prices import DISCOUNT, tell_price, tell_prices, tell_with_vouchers
from actions.search import search
from actions.situation import about_another, person_asked_about
from actions.spoken_of import about_courses
from bot.catalogue.model import Offering, TariffPrice
from bot.catalogue.price import euro
from bot.catalogue.search import today_in_belgium
from bot.conversation.message import Source
from bot.knowledge.articles import ANY
from bot.knowledge.figures import Certainty, quotable, render_figure

NOTED = "Dank je, dat onthoud ik. Dit is de prijs voor jou:"
FOR_ANOTHER = "Dit is de prijs voor iedereen:"
TELL_OF_ANOTHER = (
    "Of iemand minder betaalt, hangt af van zijn of haar situatie. "
    "Zeg me bijvoorbeeld: zij zoekt werk, of: hij krijgt een leefloon."
)
MONEY = frozenset({"ask_cost", "ask_discount"})
_PAYS = re.compile(r"\b(?:betaal\w*|kost\w*|gratis|prijs)\b", re.IGNORECASE)
_REDUCED_FOR_ME = re.compile(
    r"^\W*(?:en\s+)?(?:krijg|heb)\s+(?:ik|'k|k)\b[^.?!]*\b(?:korting|vermindering)\b[^.?!]*\W*$", re.IGNORECASE
)
_GOES_ON = re.compile(r"\b(?:en|voor)\b", re.IGNORECASE)
_WITH = re.compile(r"\bmet\b[^.?!]*che(?:que|ck)|\bche(?:que|ck)s?\s+voor\s+(?:dat|dit|deze|die)\b", re.IGNORECASE)
_NOT_THE_PRICE = re.compile(r"\b(?:vraag|vragen|aanvra\w*|waar|bestel\w*|hoelang|geldig)\b", re.IGNORECASE)
"""What is asked of vouchers that no price answers."""
_HOURS = re.compile(r"\b(\d{1,4})\s*(?:uur|uren|u|les\w*)\b", re.IGNORECASE)


class ActionTellCost(TurnAction):
    """The price of the course that is meant, of those shown last, of those that the message asks for, or the general tariff."""

    def name(self) -> str:
        return "action_tell_cost"

    async def act(self, turn: Turn) -> list[Event]:
        if (supposing := tell_price_if(turn)) is not None or (supposing := tell_price_with_vouchers(turn)) is not None:
            return supposing
        if tell_price_of_hours(turn):
            return []
        outcome = found_by_meaning(turn)
        if outcome.article and not seeks_course(turn):
            return say_article(turn, outcome.article)
        if not named(turn) and seeks_course(turn):
            return search(turn)
        if (told := tell_price_of_shown(turn)) is not None:
            return told
        said = tell_by_meaning(turn, outcome)
        return tell_article(turn, "ask_cost", outcome.near) if said is None else said


def seeks_course(turn: Turn) -> bool:
    """Whether a question for the price names what is to be learnt: a subject of the catalogue, or a language and where.

    Not a language that an article names: Dutch, of which the price hangs on more than the course.
    """
    if topic := look.value(turn.tracker, "course_topic"):
        return turn.services.catalogue.knows(topic)
    if not look.value(turn.tracker, "language") or not look.value(turn.tracker, "location"):
        return False
    article = turn.services.library.find("ask_cost", known_facts(turn), today_in_belgium())
    return article is None or article.when.get("language", (ANY,)) == (ANY,)


def tell_price_of_shown(turn: Turn) -> list[Event] | None:
    """The price of the course that is meant, or of each that was shown last; None when no course was shown."""
    if offering := chosen(turn):
        tell_price(turn, offering)
        return [SlotSet("focus", offering.id)]
    if shown := shown_last(turn):
        tell_prices(turn, shown, closing=_who_pays_less(turn, shown))
        return []
    return None


def _who_pays_less(turn: Turn, offerings: list[Offering]) -> str:
    """Who gets the reduction on courses, when a reduction was asked for and nothing is known of who asks."""
    if look.intent(turn.tracker) != "ask_discount" or turn.slot("employment_status"):
        return ""
    figures = {offering.price.figure for offering in offerings if isinstance(offering.price, TariffPrice)}
    found = next((one for one in turn.services.reductions if figures & set(one.figures)), None)
    if found is None:
        return "Voor deze cursussen ken ik geen korting in een CVO (avondschool)." if figures else ""
    return f"Korting is er wellicht voor: {', '.join(found.groups)}. Zeg me je situatie, dan reken ik het uit."


def asks_only_reduction(text: str) -> bool:
    """Whether somebody asks whether there is a reduction for them, and says nothing else: "krijg ik korting"."""
    return _REDUCED_FOR_ME.match(text) is not None


def tell_price_for_me(turn: Turn) -> list[Event] | None:
    """The price of the courses shown, when a question for a discount asks what they cost: "is dat gratis voor mij"."""
    words = look.text(turn.tracker)
    asks = _PAYS.search(words) or asks_only_reduction(words)
    return tell_price_of_shown(turn) if asks and about_courses(turn) else None


def tell_price_of_another(turn: Turn) -> list[Event] | None:
    """The price of another course that the message names, when the question before was for a price ("en voor de tweede?")."""
    words = look.text(turn.tracker)
    asks = (
        look.previous_intent(turn.tracker) in MONEY
        and bool(ordinals(turn))
        and bool(_GOES_ON.search(words))
        and turn.services.follow_ups.bare(words, ORDINAL_WORDS)
    )
    return tell_price_of_shown(turn) if asks else None


def tell_new_prices(turn: Turn) -> bool:
    """What the course that is meant, or those shown last, cost somebody who just told something; false when none was shown."""
    focus = chosen(turn)
    offerings = [focus] if focus else shown_last(turn)
    if not offerings:
        return False
    tell_prices(turn, offerings, NOTED)
    return True


def tell_price_if(turn: Turn) -> list[Event] | None:
    """What the courses shown cost somebody else, or in a situation that is only supposed; nothing of it is kept.

    None when the message asks no such thing.
    """
    another = about_another(turn)
    supposes = any(entity.supposed and entity.holds for entity in look.entities(turn.tracker))
    if not (another or supposes) or not (about_courses(turn) or about_money(turn)):
        return None
    focus = chosen(turn)
    offerings = [focus] if focus else shown_last(turn)
    if not offerings:
        return None
    person = person_asked_about(turn)
    facts = turn.services.rules.facts
    labels = [choice.label for name, value in person.items() if (choice := facts[name].choice(value))]
    if another and not labels:
        tell_prices(turn, offerings, FOR_ANOTHER, person=person, closing=TELL_OF_ANOTHER)
    else:
        about = f"Voor iemand anders ({', '.join(labels)})" if another else f"In dat geval ({', '.join(labels)})"
        tell_prices(turn, offerings, f"{about} is dit de prijs. Ik onthoud het niet als jouw situatie.", person=person)
    return []


def tell_price_with_vouchers(turn: Turn) -> list[Event] | None:
    """What the courses shown cost with vouchers: "en met opleidingscheques?"; None when the message asks no such thing."""
    words = look.text(turn.tracker)
    if "training_vouchers" not in look.values(turn.tracker, "incentive") or _NOT_THE_PRICE.search(words):
        return None
    focus = chosen(turn)
    offerings = [focus] if focus else shown_last(turn)
    if not offerings or not (_PAYS.search(words) or _WITH.search(words)):
        return None
    tell_with_vouchers(turn, offerings)
    return []


def tell_price_of_hours(turn: Turn) -> bool:
    """What so many hours cost at the one tariff of the courses shown: "en hoeveel voor 60 uur"; false when it is not asked."""
    hours = _HOURS.search(look.text(turn.tracker))
    tariffs = {o.price.figure for o in shown_last(turn) if isinstance(o.price, TariffPrice)}
    figure = turn.services.figures[tariffs.pop()] if hours and len(tariffs) == 1 else None
    if hours is None or figure is None or figure.amount is None or not quotable(figure, today_in_belgium()):
        return False
    count, likely = int(hours[1]), "" if figure.certainty is Certainty.CERTAIN else "vermoedelijk "
    turn.say(
        f"In een CVO (avondschool) kost dit {likely}{render_figure(figure)} per lestijd (lesuur). "
        f"Voor {count} lestijden is dat {likely}{euro(figure.amount * count)}. Cursusmateriaal komt erbij.",
        [DISCOUNT, PERSON],
        sources=[Source(title=figure.source_title, url=figure.source_url, checked=figure.checked.isoformat())],
    )
    return True


def about_money(turn: Turn) -> bool:
    """Whether the message before asked for a price or a reduction."""
    return look.previous_intent(turn.tracker) in MONEY
