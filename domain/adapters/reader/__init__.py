"""The child side of `domain.adapters.documents`: reads one untrusted document under limits.

Nothing here is imported by the program itself, which never loads a parser of foreign files.
"""
