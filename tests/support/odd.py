"""Names that users' files may have."""

import os

ODD = """ it's "a" b=c, #1 é ~ [x] {y} \\ $z %s""" + os.fsdecode(b"\xff\xe9")
"""What a file's name may hold, bytes that are no UTF-8 included."""
