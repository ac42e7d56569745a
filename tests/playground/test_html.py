"""Telegram's HTML, by examples of what it answers and by properties that hold for every text."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.entities import Entity, utf16_length
from bot.playground.errors import ApiError
from bot.playground.html import parse_html

SPAN = '<span class="tg-spoiler">'


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain", "plain", []),
        ("<b>a</b><strong>b</strong>", "ab", [Entity("bold", 0, 1), Entity("bold", 1, 1)]),
        ("<i>a</i><em>b</em>", "ab", [Entity("italic", 0, 1), Entity("italic", 1, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", [Entity("underline", 0, 1), Entity("underline", 1, 1)]),
        ("<s>a</s><del>b</del>", "ab", [Entity("strikethrough", 0, 1), Entity("strikethrough", 1, 1)]),
        (
            f"{SPAN}a</span><tg-spoiler>b</tg-spoiler>",
            "ab",
            [Entity("spoiler", 0, 1), Entity("spoiler", 1, 1)],
        ),
        ("<B>😀</B>x", "😀x", [Entity("bold", 0, 2)]),
        ("<b>a<i>b</i></b>", "ab", [Entity("bold", 0, 2), Entity("italic", 1, 1)]),
        ("<code>a<b>b</b></code>", "ab", [Entity("code", 0, 2)]),
        ("<pre>x</pre>", "x", [Entity("pre", 0, 1)]),
        ('<pre><code class="language-py">x</code></pre>', "x", [Entity("pre", 0, 1, "py")]),
        ("<blockquote>q</blockquote>", "q", [Entity("blockquote", 0, 1)]),
        ("<blockquote expandable>q</blockquote>", "q", [Entity("expandable_blockquote", 0, 1)]),
        (
            '<a href="https://a.b/?x=1&amp;y=2">l</a>',
            "l",
            [Entity("text_link", 0, 1, "https://a.b/?x=1&y=2")],
        ),
        ("<a href='example.org'>l</a>", "l", [Entity("text_link", 0, 1, "http://example.org")]),
        ('<a href="javascript:x">l</a>', "l", []),
        ('<a href="tg://user?id=7">l</a>', "l", [Entity("text_mention", 0, 1, "7")]),
        ("&lt;&gt;&amp;&quot;&#65;&#x42;&nbsp;&", '<>&"AB&nbsp;&', []),
        ("  <b> a </b>  ", "a", [Entity("bold", 0, 1)]),
        ("<b></b>x", "x", []),
        ("try /start now", "try /start now", [Entity("bot_command", 4, 6)]),
        ("<code>/start</code>", "/start", [Entity("code", 0, 6)]),
    ],
)
def test_what_it_makes_of_markup(source: str, text: str, entities: list[Entity]) -> None:
    parsed = parse_html(source)
    assert parsed.text == text
    assert list(parsed.entities) == entities


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("é<br>", 'Unsupported start tag "br" at byte offset 2'),
        ("a<b", "Unclosed start tag at byte offset 1"),
        ("<b>a", 'Can\'t find end tag corresponding to start tag "b"'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        (
            "<i aba>a</i>",
            'Expected equal sign in declaration of an attribute of the tag "i" at byte offset 0',
        ),
        ("<i   =aba>a</i>", 'Empty attribute name in the tag "i" at byte offset 0'),
        ("<i aba  =  ", 'Unclosed start tag "i" at byte offset 0'),
        ("<i a='x", "Unclosed start tag at byte offset 0"),
        ("<i a=x,>a</i>", "Unexpected end of name token at byte offset 5"),
        ("&#xDFDF;", "Text contains invalid Unicode characters after decoding HTML entities"),
    ],
)
def test_what_it_refuses(source: str, refusal: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(source)
    assert refused.value.code == 400
    assert refused.value.description.startswith(f"Bad Request: can't parse entities: {refusal}")


@given(st.text())
def test_escaped_text_comes_through(text: str) -> None:
    parsed = parse_html(html.escape(text))
    assert parsed.text == text.replace("\r", "").strip()


@given(st.text(alphabet="<>/&;=\"' abipreco#x7é😀", max_size=60))
def test_any_source_is_parsed_or_refused(source: str) -> None:
    try:
        parsed = parse_html(source)
    except ApiError:
        return
    for entity in parsed.entities:
        assert 0 <= entity.offset < entity.end <= utf16_length(parsed.text)
