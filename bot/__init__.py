"""Everything a chat, a webhook or a terminal touches."""
