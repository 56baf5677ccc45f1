"""Text of MIDI files, whose encoding no file names: UTF-8, else what its bytes look like.

Files of the nineties hold what their country's computers wrote. Where the guess is wrong the
text is wrong but harmless: what may reach a screen passes through `displayed`.
"""

import codecs
import unicodedata

_MIN_SHARE = 0.6
"""Share of the text that must belong to a script before its encoding is believed."""
_MIN_CYRILLIC = 3
"""Letters; fewer may as well be an accented capital or two."""
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def decode_text(data: bytes) -> str:
    """The text of a MIDI event, without zero bytes.

    >>> decode_text("ピアノ".encode("shift_jis")), decode_text("Скрипка".encode("cp1251"))
    ('ピアノ', 'Скрипка')
    >>> decode_text("Flûte à bec".encode("latin-1")), decode_text(b"\\xff\\xfeA\\0l\\0t\\0")
    ('Flûte à bec', 'Alt')
    """
    return (_utf_16(data) or _utf_8(data) or _legacy(data)).replace("\0", "")


def displayed(text: str) -> str:
    """The text as one line that a terminal may be sent: no control or direction characters.

    Line ends and tabs become spaces, all others question marks, and so do halves of surrogate
    pairs, which stand for bytes of file names that are no text.

    >>> displayed("a\\x1b]0;b\\x07\\nc\\u202ed")
    'a?]0;b? c?d'
    """
    if text.isprintable():  # the usual case, and it rules out every category below
        return text
    return "".join(map(_displayed, text))


def _displayed(character: str) -> str:
    if character in "\n\r\t\v\f\x1c\x1d\x1e\x85\u2028\u2029":
        return " "
    is_control = unicodedata.category(character) in ("Cc", "Cs")
    return "?" if is_control or character in _BIDI else character


def _utf_16(data: bytes) -> str:
    """The text of bytes that begin with the byte order mark of UTF-16; else nothing."""
    if data[:2] not in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return ""
    return data.decode("utf-16", "replace")


def _utf_8(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ""


def _legacy(data: bytes) -> str:
    """Japanese, Cyrillic or Western text, by what most of its bytes are."""
    if _is_shift_jis(data):
        return data.decode("cp932", "replace")
    if _is_cyrillic(data):
        return data.decode("cp1251", "replace")
    # Five bytes mean nothing in Windows' Western code; Latin-1 has a control character there.
    return data.decode("cp1252", "replace").replace("\ufffd", "?")


def _is_shift_jis(data: bytes) -> bool:
    """Whether the bytes are pairs that begin as kana and common kanji do, for the most part."""
    try:
        text = data.decode("cp932")
    except UnicodeDecodeError:
        return False
    # Half-width katakana are single bytes that are letters in other codes: they prove nothing.
    wide = [c for c in text if ord(c) >= 0x3000 and not 0xFF61 <= ord(c) <= 0xFF9F]
    common = [c for c in wide if c.encode("cp932")[0] <= 0x9F]
    size = len(data) - sum(c.isspace() for c in text)
    return 0 < _MIN_SHARE * size <= 2 * len(wide) and len(common) >= _MIN_SHARE * len(wide)


def _is_cyrillic(data: bytes) -> bool:
    """Whether most letters are high ones, in words with a capital at their start or throughout."""
    text = data.decode("cp1251", "replace")
    letters = [c for c in text if c.isalpha()]
    count = sum("\u0400" <= c <= "\u04ff" for c in letters)
    if count < max(_MIN_CYRILLIC, _MIN_SHARE * len(letters)):
        return False
    words = "".join(c if c.isalpha() else " " for c in text).split()
    plain = sum(word[1:].islower() or word.isupper() or len(word) == 1 for word in words)
    return plain >= _MIN_SHARE * len(words)
