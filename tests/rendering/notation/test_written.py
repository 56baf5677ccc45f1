"""Signs in front of notes, as an engraver would set them."""

from partimento.rendering.notation.spelling import Spelled
from partimento.rendering.notation.written import Accidentals

F, F_SHARP = Spelled("F", 0, 4), Spelled("F", 1, 4)


def test_the_signature_gives_f_the_first_sharp_and_b_the_first_flat() -> None:
    assert Accidentals(1, {}).signature == {**dict.fromkeys("CGDAEB", 0), "F": 1}
    assert Accidentals(-2, {}).signature == {**dict.fromkeys("FCGDA", 0), "B": -1, "E": -1}
    assert Accidentals(7, {}).signature == dict.fromkeys("FCGDAEB", 1)


def test_a_note_of_the_key_needs_no_sign() -> None:
    assert Accidentals(1, {}).sign(F_SHARP) == (None, False)


def test_a_sign_holds_to_the_end_of_its_bar() -> None:
    bar = Accidentals(0, {})
    assert [bar.sign(name) for name in (F_SHARP, F_SHARP, F, F)] == [
        *(("sharp", False), (None, False), ("natural", False), (None, False))
    ]


def test_after_the_bar_of_a_sign_there_is_one_of_courtesy() -> None:
    first = Accidentals(0, {})
    first.sign(F_SHARP)
    assert Accidentals(0, first.sounding).sign(F) == ("natural", True)
    assert Accidentals(0, {}).sign(F) == (None, False)


def test_another_octave_of_a_signed_note_has_a_sign_of_courtesy() -> None:
    bar = Accidentals(0, {})
    bar.sign(F_SHARP)
    assert bar.sign(Spelled("F", 0, 5)) == ("natural", True)
    assert bar.sign(Spelled("F", 1, 3)) == ("sharp", False)
