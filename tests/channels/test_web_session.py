"""Session tokens and what signs them."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeTimedSerializer
from pydantic import SecretStr

from bot.settings import Settings
from bot.trouble import Trouble
from channels.errors import ApiError
from channels.web.session import SECRET_FILE, Session, Sessions, new_sender, signing_secret

SECRET = "s" * 40
SESSION = Session(sender="abc", site="https://www.example.be")
sessions = Sessions(SECRET, days=30)


def code_of(refusal: pytest.ExceptionInfo[ApiError]) -> tuple[int, str]:
    return refusal.value.status, refusal.value.code


def test_a_token_says_what_was_put_in_it() -> None:
    issued = sessions.issue(SESSION)
    assert sessions.read(issued.token) == SESSION
    assert sessions.from_header(f"Bearer {issued.token}", None) == SESSION
    assert sessions.from_header(f"bearer {issued.token}", SESSION.site) == SESSION
    assert timedelta(days=29) < issued.expires_at - datetime.now(UTC) <= timedelta(days=30)
    assert datetime.now(UTC) < issued.renew_at < issued.expires_at


def test_a_session_of_one_day_is_renewed_before_it_ends() -> None:
    issued = Sessions(SECRET, days=1).issue(SESSION)
    assert issued.renew_at < issued.expires_at


@given(text=st.text(max_size=200))
def test_no_other_text_is_a_token(text: str) -> None:
    with pytest.raises(ApiError) as refusal:
        sessions.read(text)
    assert code_of(refusal) == (401, "session_invalid")


@given(place=st.integers(min_value=0), letter=st.sampled_from("abcXYZ019-_."))
def test_a_changed_token_is_refused(place: int, letter: str) -> None:
    token = sessions.issue(SESSION).token
    place %= len(token)
    changed = token[:place] + letter + token[place + 1 :]
    try:
        assert sessions.read(changed) == SESSION  # the same letter, or unused bits of the last one
    except ApiError as refusal:
        assert refusal.status == 401


@pytest.mark.parametrize("content", [["abc"], ["abc", "x", "y"], {"sender": "abc"}, "abc", None, [1, 2], [None, "x"]])
def test_a_token_that_we_signed_for_something_else_is_refused(content: object) -> None:
    token = URLSafeTimedSerializer(SECRET, salt="leerwijzer.web.session").dumps(content)
    with pytest.raises(ApiError) as refusal:
        sessions.read(str(token))
    assert code_of(refusal) == (401, "session_invalid")


def test_the_token_of_another_secret_or_purpose_is_refused() -> None:
    others = [
        Sessions("t" * 40, days=30).issue(SESSION).token,
        URLSafeTimedSerializer(SECRET, salt="other").dumps(["abc", "x"]),
        base64.urlsafe_b64encode(json.dumps(["abc", "x"]).encode()).decode() + "..",
    ]
    for token in others:
        with pytest.raises(ApiError) as refusal:
            sessions.read(str(token))
        assert code_of(refusal) == (401, "session_invalid")


def test_an_old_token_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token = sessions.issue(SESSION).token
    now = datetime.now(UTC).timestamp()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 31 * 24 * 3600)
    with pytest.raises(ApiError) as refusal:
        sessions.read(token)
    assert code_of(refusal) == (401, "session_expired")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "session_missing"),
        ("", "session_missing"),
        ("Bearer", "session_invalid"),
        ("Bearer ", "session_invalid"),
        ("Basic YTpi", "session_invalid"),
        ("Bearer x.y.z", "session_invalid"),
    ],
)
def test_a_request_without_a_usable_token_is_refused(header: str | None, code: str) -> None:
    with pytest.raises(ApiError) as refusal:
        sessions.from_header(header, None)
    assert code_of(refusal) == (401, code)


def test_a_token_is_of_one_site() -> None:
    with pytest.raises(ApiError) as refusal:
        sessions.from_header(f"Bearer {sessions.issue(SESSION).token}", "https://ander.example")
    assert code_of(refusal) == (401, "session_invalid")


def test_senders_differ() -> None:
    assert len({new_sender() for _ in range(100)}) == 100


def test_the_secret_of_the_settings_is_used(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    assert signing_secret(make_settings(secret=SecretStr(SECRET))) == SECRET
    assert not (tmp_path / SECRET_FILE).exists()


def test_a_secret_is_made_once_for_our_eyes_only(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    settings = make_settings(var_dir=tmp_path / "nieuw")
    secret = signing_secret(settings)
    path = tmp_path / "nieuw" / SECRET_FILE
    assert len(secret) >= 40
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert signing_secret(settings) == secret
    assert [file.name for file in path.parent.iterdir()] == [SECRET_FILE]
    path.chmod(0o644)
    assert signing_secret(settings) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_processes_that_start_together_agree_on_the_secret(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings()
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: signing_secret(settings), range(32)))) == 1


def test_a_damaged_secret_says_what_to_do(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / SECRET_FILE).write_text("\n")
    with pytest.raises(Trouble, match="remove it"):
        signing_secret(make_settings())
