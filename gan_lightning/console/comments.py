"""Comments behind commands, as the documentation has them."""

import sys


def drop_comment() -> None:
    """Remove a comment from `sys.argv`: a lone # and everything after it.

    zsh, where one types into it, hands comments on to the command as arguments, unless its option
    interactive_comments is set. So a line that is copied with its comment works there too.
    """
    if "#" in sys.argv:
        del sys.argv[sys.argv.index("#") :]
