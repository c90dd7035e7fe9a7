"""Names of places that hold what is large, or what has to be closed: a guess where no type tells."""

from __future__ import annotations

from leaklint.solve.lazy import regex

HEAVY = regex(
    r"(?i)\.?_*(\w+_)?(sock(et)?|conn(ection)?|transport|session|stream|file|fd|handle|arrays?|buf(fer)?|data|body|"
    r"payload|content|frame|image|pixmap|tensor|weights|matrix|values|chunks?|process|proc|channel|cursor|"
    r"client|curl|ptr|pointer|ctx|context|memory|view|mesh|texture|vec|dat|df|dataset|dsk|graph|request|response|"
    r"document|message)s?\d*"
)
