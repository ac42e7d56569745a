"""The few pages that a person opens in a browser or, from a button of the chat, within Telegram."""
