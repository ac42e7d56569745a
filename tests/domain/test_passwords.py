"""Which passwords are taken, and that hashing is right, bounded and off the event loop."""

from __future__ import annotations

import asyncio
import random
import threading
import time
import unicodedata
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import passwords
from domain.accounts.passwords import MAX_BYTES, PasswordHasher, check_policy
from domain.errors import Refused, Unavailable

EMAIL, NAME = "alice.canary@example.org", "Alice Jane Canary"


@pytest.fixture
async def hasher() -> AsyncIterator[PasswordHasher]:
    """Argon2id as cheap as it gets; the real cost is measured by the benchmarks."""
    hasher = PasswordHasher(memory_kib=64, iterations=1)
    yield hasher
    hasher.close()


# ---------------------------------------------------------------- hashing


async def test_a_password_verifies_against_its_hash_and_no_other_does(hasher: PasswordHasher) -> None:
    phc = await hasher.hash("tomato river lantern")
    assert phc.startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert await hasher.verify("tomato river lantern", phc)
    assert not await hasher.verify("tomato river lanterN", phc)
    assert not await hasher.verify("", phc)
    assert phc != await hasher.hash("tomato river lantern")


async def test_the_defaults_are_those_of_the_design() -> None:
    hasher = PasswordHasher()
    try:
        assert (await hasher.hash("tomato river lantern")).startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    finally:
        hasher.close()


@pytest.mark.parametrize(
    "phc",
    [
        "",
        "hunter2",
        "$argon2id$",
        "$argon2id$v=19$m=64,t=1,p=1$$",
        "$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$!!!",
        "$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
        "$argon2id$v=19$m=x,t=1,p=1$c2FsdHNhbHRzYWx0$c2FsdHNhbHRzYWx0",
        "$2b$12$abcdefghijklmnopqrstuv",
        "пароль",
    ],
)
async def test_a_malformed_hash_verifies_nothing(hasher: PasswordHasher, phc: str) -> None:
    assert not await hasher.verify("hunter2", phc)


async def test_one_password_from_two_keyboards_is_one_password(hasher: PasswordHasher) -> None:
    word = "Ångström ﬁne ２０ words"
    phc = await hasher.hash(unicodedata.normalize("NFD", word))
    assert await hasher.verify(unicodedata.normalize("NFC", word), phc)
    assert await hasher.verify("Ångström fine 20 words", phc)


async def test_odd_text_is_hashed_like_any_other(hasher: PasswordHasher) -> None:
    for secret in ("\ud83d lone surrogate", "nul\0inside", "x" * 5000, "🦉" * 300):
        phc = await hasher.hash(secret)
        assert await hasher.verify(secret, phc)
        assert not await hasher.verify(secret[:-1], phc)


async def test_a_hash_with_other_parameters_is_to_be_made_again(hasher: PasswordHasher) -> None:
    stronger = PasswordHasher(memory_kib=128, iterations=1)
    try:
        old = await hasher.hash("tomato river lantern")
        assert not hasher.needs_rehash(old)
        assert stronger.needs_rehash(old)
        assert stronger.needs_rehash("$2b$12$abcdefghijklmnopqrstuv")
        assert await stronger.verify("tomato river lantern", old)
    finally:
        stronger.close()


async def test_a_full_queue_is_said_and_empties_again(monkeypatch: pytest.MonkeyPatch) -> None:
    encoded, let_go = passwords._encoded, threading.Event()
    monkeypatch.setattr(passwords, "_encoded", lambda secret: let_go.wait() and encoded(secret))
    hasher = PasswordHasher(memory_kib=64, iterations=1, queue=3)
    try:
        waiting = [asyncio.create_task(hasher.hash(f"secret {number}")) for number in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable, match=r"passwords\.busy") as caught:
            await hasher.hash("one more")
        assert caught.value.retry_after is not None
        let_go.set()
        assert len(set(await asyncio.gather(*waiting))) == 5
        assert await hasher.hash("one more")
    finally:
        let_go.set()
        hasher.close()


async def test_a_cancelled_call_gives_its_place_back() -> None:
    hasher = PasswordHasher(memory_kib=16384, iterations=2, queue=0)
    try:
        for _ in range(3):
            waiting = [asyncio.create_task(hasher.hash("secret")) for _ in range(2)]
            await asyncio.sleep(0)
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
            deadline = time.monotonic() + 60
            while True:
                try:
                    await hasher.hash("secret")
                    break
                except Unavailable:
                    assert time.monotonic() < deadline
                    await asyncio.sleep(0.01)
    finally:
        hasher.close()


async def test_the_event_loop_goes_on_while_passwords_are_hashed() -> None:
    hasher = PasswordHasher(memory_kib=32768, iterations=4)
    try:
        work = asyncio.gather(*(hasher.hash("secret") for _ in range(4)))
        beats = 0
        while not work.done():
            await asyncio.sleep(0.001)
            beats += 1
        await work
        assert beats > 10
    finally:
        hasher.close()


async def test_a_closed_hasher_takes_no_work() -> None:
    hasher = PasswordHasher(memory_kib=64, iterations=1)
    hasher.close()
    with pytest.raises(RuntimeError):
        await hasher.hash("secret")


# ---------------------------------------------------------------- policy


def refusal(password: str, email: str = EMAIL, name: str = NAME) -> Refused | None:
    try:
        check_policy(password, email=email, name=name)
    except Refused as refused:
        return refused
    return None


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("", "too_short"),
        ("tomato river 7", "too_short"),
        ("\ufdfa", "too_short"),
        ("x" * 1025, "too_long"),
        ("🦉" * 257, "too_long"),
        ("Password123456!", "common"),
        ("P@$$w0rd-P@$$w0rd", "common"),
        ("p-a-s-s-w-o-r-d-1-2-3-4", "common"),
        ("correct horse battery staple", "common"),
        ("Correct-Horse-Battery-Staple!", "common"),
        ("MayTheForceBeWithYou4", "common"),
        ("the quick brown fox jumps over", "common"),
        ("is like a box of chocolates 77", "common"),
        ("January-February-2024", "common"),
        ("12.03.1987-04.05.1990", "common"),
        ("iloveyou19871224", "common"),
        ("contraseña12345", "common"),
        ("passwordpassword", "common"),
        ("829164073651948", "common"),
        ("aaaaaaaaaaaaaaaa", "repetitive"),
        ("abababababababab", "repetitive"),
        ("\ufdfa" * 20, "repetitive"),
        ("tomatotomatotomato", "repetitive"),
        ("kz!7kz!7kz!7kz!7kz!7", "repetitive"),
        ("abcdefghijklmnop", "sequence"),
        ("123456789012345", "sequence"),
        ("9876543210987654", "sequence"),
        ("qwertyuiop[]asdfgh", "sequence"),
        ("QWERTZUIOPasdfghjkl", "sequence"),
        ("azertyuiopqsdfghjklm", "sequence"),
        ("йцукенгшщзхъфывапр", "sequence"),
        ("1qaz2wsx3edc4rfv", "sequence"),
        ("!@#$%^&*()_+!@#$", "sequence"),
        ("lkjhgfdsapoiuytre", "sequence"),
        ("alice.canary@example.org", "contains_email"),
        ("my Alice-Canary password 77 tomatoes", "contains_email"),
        ("al1cecanary-tomato", "contains_email"),
        ("example1alice22x", "contains_email"),
        ("jane jane jane 77", "contains_name"),
        ("greenroom tomato lantern", "service_name"),
        ("Gr33n-Room tomato lantern", "service_name"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason(password: str, reason: str) -> None:
    refused = refusal(password)
    assert refused is not None, password
    assert refused.reason == f"password.{reason}"


def test_the_bounds_are_told() -> None:
    short, long = refusal("short"), refusal("x" * 2000)
    assert short is not None
    assert short.details == {"minimum": 15}
    assert long is not None
    assert long.details == {"maximum": MAX_BYTES}


@pytest.mark.parametrize(
    "password",
    [
        "tomato river lantern quilt",
        "tomatoriverlantern",
        "my dog ate the sofa again",
        "x7#kQ9!vLp2@mZr",
        "^&)(*_{}[]<>?:;",
        "oh,  a  7th  owl ?",
        "мой пёс опять съел диван",
        "我今天早上在河边看见三只白鹤飞过",
        "आज सुबह नदी के किनारे तीन बगुले",
        "🦉🌵🍋🎺🚲🧶🪁🥁🦀🌋🧊🪐🎯🧭🪵",
        "love is a monkey with seven lanterns",
        "alice paints tomatoes on Tuesday nights",
    ],
)
def test_a_good_password_needs_no_mixture_of_kinds(password: str) -> None:
    assert refusal(password) is None


def test_15_characters_and_1_kib_are_the_bounds_themselves() -> None:
    assert refusal("tomato riverbed") is None
    random_text = "".join(random.Random(7).choices("abcdefghijklmnopqrstuvwxyz ", k=MAX_BYTES))
    assert refusal(random_text) is None


WORDS = """
    acorn anvil apron basil beacon birch blanket bramble breeze bucket cactus candle canyon carrot cedar
    chimney cinder clover cobalt compass copper cradle crayon cricket cushion desert donkey drizzle ember
    engine fabric feather ferry fiddle fossil gallop garlic gravel hammer harbor hazel hollow igloo island
    jacket jungle kettle ladder lantern lemon linen magnet maple marble meadow mitten nectar noodle oyster
    paddle parsley pebble pepperoni pillow pocket pottery quilt radish raven river rocket saddle saffron
    shovel sparrow spindle sponge tadpole thimble timber tomato trumpet tulip turnip umbrella velvet violin
    walnut whistle willow window wrench yogurt zebra zipper
""".split()  # noqa: SIM905  # a list of a hundred lines tells no more


@given(
    st.lists(st.sampled_from(WORDS), min_size=4, max_size=12, unique=True),
    st.sampled_from(["", " ", "-", ".", "_"]),
    st.booleans(),
)
def test_four_random_words_are_always_accepted(words: list[str], separator: str, capitals: bool) -> None:
    phrase = separator.join(word.capitalize() if capitals else word for word in words)
    assert refusal(phrase) is None


@given(st.text(max_size=400), st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_judged_and_never_crashes(password: str, email: str, name: str) -> None:
    refused = refusal(password, email, name)
    assert refused is None or refused.reason.startswith("password.")


@given(st.sampled_from([*WORDS[:20], "password", "qwerty", "a", "é"]), st.integers(1, 400))
def test_repeating_one_word_never_makes_it_acceptable(word: str, times: int) -> None:
    assert refusal(word * times) is not None


@pytest.mark.parametrize(
    "password",
    ["ab" * 512, "\u0300\u0316" * 256, "\ufdfa" * 341, "password" * 128, "1qaz" * 256, "x" * 1_000_000],
)
def test_the_longest_passwords_are_judged_quickly(password: str) -> None:
    refusal(password)  # the list is read once
    started = time.process_time()
    refusal(password)
    assert (
        time.process_time() - started < 1
    )  # measured: a hundredth of it  # measured: a hundredth of it; what grows with the square, minutes
