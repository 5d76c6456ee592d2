"""Whether every channel can bring the replies of a turn, within its limits and with nothing left out."""

from __future__ import annotations

from support import cloud_api, telegram_api
from support.replies import words_of

from bot.conversation.buttons import hide
from bot.conversation.message import Author, Reply
from bot.conversation.model import Said
from channels.telegram import outgoing as telegram
from channels.whatsapp import outgoing as whatsapp


def unfit(replies: list[Reply]) -> list[str]:
    """What is wrong with the replies of one turn on some channel; empty when nothing is."""
    replies = [hide(reply).reply for reply in replies]  # as they are when a channel gets them
    said = [Said(Author.ASSISTANT, reply) for reply in replies]
    wrong = []
    on_telegram = telegram.messages(said)
    on_whatsapp = whatsapp.messages(said)
    for message in on_telegram:
        rows = message.keyboard.to_dict() if message.keyboard else None
        entities = [entity.to_dict() for entity in message.entities]
        wrong.append(telegram_api.refusal_of({"text": message.text, "entities": entities, "reply_markup": rows}))
    wrong += [cloud_api.refusal_of(message) for message in on_whatsapp]
    texts = {
        "telegram": " ".join(message.text for message in on_telegram),
        "whatsapp": " ".join(cloud_api.text_of(message) for message in on_whatsapp).replace("*", " "),
    }
    for one in said:
        for word in words_of(one):
            wrong += [f"{channel} leaves out {word!r}" for channel, text in texts.items() if word not in text]
    titles = {button.payload: button.title for reply in replies for button in reply.all_buttons()}
    keyboards = [message.keyboard.inline_keyboard for message in on_telegram if message.keyboard]
    offered = {
        "telegram": [str(b.callback_data) for keyboard in keyboards for row in keyboard for b in row],
        "whatsapp": [option["id"] for message in on_whatsapp for option in cloud_api.options_of(message)],
    }
    for channel, ids in offered.items():
        # In one message a choice that two replies offer stands once.
        shown = {titles.get(one) for one in ids}
        if len(set(ids)) != len(ids) or not set(ids) <= set(titles) or shown != set(titles.values()):
            wrong.append(f"{channel} offers other buttons")
    return [fault for fault in wrong if fault]
