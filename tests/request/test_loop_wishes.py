"""Wishes for loops."""

import pytest

from partimento.errors import SettingError
from partimento.request.loop_wishes import LoopWishes
from partimento.request.request import Request


def test_layers_need_a_loop_and_a_loop_no_primer() -> None:
    with pytest.raises(SettingError, match="layers needs a loop, got 3 without one"):
        Request(layers=3)
    with pytest.raises(SettingError, match="loop is a whole piece; leave it out with a primer"):
        Request(loop=True, primer="tune.mid")
    with pytest.raises(SettingError, match="form is that of a piece that ends"):
        Request(loop=True, form="AABA")


def test_a_piece_is_no_loop_unless_it_is_asked_for() -> None:
    assert (LoopWishes().loop, LoopWishes().layers) == (False, None)
