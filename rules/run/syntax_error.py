"""syntax-error (LK001): part of a file could not be read.

## What it does
Marks the first place at which a file does not follow the grammar of its language, and says how many others
there are; the evidence shows the next three. Or says that the text of a file could not be decoded.
Everything else in the file is still checked.

## Why is this bad?
A leak in the part that was not understood goes unseen. The cause is a mistake in the file, syntax that is
newer than the grammar that leaklint uses, or a dialect that no grammar of leaklint's knows (Flow, a
template with holes in a script); because of the last two this never changes the exit code.

## What to do
Mend the syntax. If the file is right, `--ignore LK001` or an entry in `per-file-ignores` hides this.
"""

from leaklint.rule import Rule


class SyntaxProblem(Rule):
    code = "LK001"
    message = "Part of this file could not be read: {reason}"
    advice = "Mend the syntax here; the rest of the file was checked."
