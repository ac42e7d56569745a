"""A local Telegram: a strict Bot API server on loopback, with a chat page for people and tests.

It stands alone: nothing here imports the rest of `bot`, but for its HTTP server, or `domain`, so that the
program under test speaks to it only as it speaks to Telegram, over HTTP.
"""
