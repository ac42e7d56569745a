"""The dialogues, a file each: steps that ask and hear, and the commands that lead to them."""
