"""A question in the middle of a form: answered here, after which a rule goes on with the form."""

from __future__ import annotations

from collections.abc import Callable

from actions import tracker as look
from actions.answers import ActionOutOfScope, ActionReadArticle
from actions.base import Event, Turn, TurnAction
from actions.care import ActionOtherLanguage
from actions.costs import ActionTellCost
from actions.courses import ActionCourseDetails
from actions.elsewhere import ActionRefineSearch
from actions.entitlements import answered_in_passing
from actions.informing import ActionAnswer
from actions.my_data import ActionPrivacy
from actions.overview import ActionKeepCourse, ActionOverview
from actions.referral import ActionFollowUp, ActionReferralStatus, ActionTransfer
from actions.search import ActionMoreResults, ActionSearchCourses
from actions.simpler import ActionExplainSimpler
from actions.sourcing import ActionTellSource

BY_INTENT: dict[str, Callable[[], TurnAction]] = {
    "ask_cost": ActionTellCost,
    "ask_overview": ActionOverview,
    "ask_privacy": ActionPrivacy,
    "ask_referral_status": ActionReferralStatus,
    "ask_simpler": ActionExplainSimpler,
    "ask_source": ActionTellSource,
    "course_details": ActionCourseDetails,
    "follow_up": ActionFollowUp,
    "keep_course": ActionKeepCourse,
    "more_results": ActionMoreResults,
    "out_of_scope": ActionOutOfScope,
    "read_article": ActionReadArticle,
    "refine_search": ActionRefineSearch,
    "search_course": ActionSearchCourses,
    "speak_other_language": ActionOtherLanguage,
    "transfer": ActionTransfer,
}
"""The intents with an action of their own."""

SAID = frozenset(
    {
        "greet",
        "thank",
        "praise",
        "help",
        "bot_challenge",
        "chitchat",
        "complaint",
        "insult",
        "expired_button",
        "stop_waiting",
    }
)
"""The intents with a response of their name. Every other one has an article."""


class ActionDigress(TurnAction):
    """Answers what the message asks, whatever it is."""

    def name(self) -> str:
        return "action_digress"

    async def act(self, turn: Turn) -> list[Event]:
        events = await self._answered(turn)
        # A second form would take the place of the first, and nobody would ask its question.
        kept = [event for event in events if event["event"] != "followup"]
        if len(kept) < len(events) and not turn.dispatcher.messages:
            turn.respond("utter_noted_in_form")
        return kept

    async def _answered(self, turn: Turn) -> list[Event]:
        intent = look.intent(turn.tracker)
        if (answered := answered_in_passing(turn)) is not None:
            return answered
        if intent in BY_INTENT:
            return await BY_INTENT[intent]().act(turn)
        if intent == "unreadable":
            turn.respond("utter_unreadable", what=look.value(turn.tracker, "what") or "dit")
            return []
        if intent in SAID:
            turn.respond(f"utter_{intent}")
            return []
        return await ActionAnswer().act(turn)
