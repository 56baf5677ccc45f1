"""Names of parts: distinct ones, and the short ones that stand before later systems."""

import re
from collections import Counter
from collections.abc import Sequence

_SHORT = {
    **{"soprano": "S.", "alto": "A.", "tenor": "T.", "bass": "B.", "choir": "Ch.", "voice": "V."},
    **{"violin": "Vln.", "viola": "Vla.", "cello": "Vc.", "violoncello": "Vc."},
    **{"contrabass": "Cb.", "strings": "Str.", "harp": "Hp.", "guitar": "Gtr.", "fiddle": "Fid."},
    **{"flute": "Fl.", "oboe": "Ob.", "clarinet": "Cl.", "bassoon": "Bsn.", "recorder": "Rec."},
    **{"saxophone": "Sax", "horn": "Hn.", "trumpet": "Tpt.", "trombone": "Tbn.", "tuba": "Tba."},
    **{"piano": "Pno.", "organ": "Org.", "harpsichord": "Hpsd.", "accordion": "Acc."},
    **{"drums": "Dr.", "percussion": "Perc.", "timpani": "Timp.", "vibraphone": "Vib."},
    **{"acoustic": "Ac.", "electric": "El.", "english": "Eng.", "grand": ""},
}
_LONGEST = 4
"""Letters of a word that needs no shortening."""


def distinct_names(names: Sequence[str], instruments: Sequence[str]) -> list[str]:
    """Names that tell parts apart: an instrument's where several share one, else numbers.

    >>> distinct_names(["Track", "Track", "Track", "Solo"], ["Flute", "Viola", "Viola", "Oboe"])
    ['Flute', 'Viola 1', 'Viola 2', 'Solo']
    """
    counts = Counter(names)
    found = [
        instrument if counts[name] > 1 else name
        for name, instrument in zip(names, instruments, strict=True)
    ]
    counts, seen = Counter(found), Counter[str]()
    for place, name in enumerate(found):
        if counts[name] > 1:
            seen[name] += 1
            found[place] = f"{name} {seen[name]}"
    return found


def abbreviation(name: str) -> str:
    """The short form of a part's name.

    >>> abbreviation("Violin 2"), abbreviation("Electric bass"), abbreviation("Hurdy-gurdy")
    ('Vln. 2', 'El. B.', 'Hur.')
    """
    return " ".join(filter(None, map(_short, name.split())))


def _short(word: str) -> str:
    known = _SHORT.get(word.lower())
    if known is not None:
        return known
    letters = re.match(r"\w*", word)
    return word if len(word) <= _LONGEST or not letters else f"{letters[0][:3]}."
