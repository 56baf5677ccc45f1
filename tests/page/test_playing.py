"""The page plays in a real browser: cursor, stop, seeking, sound files, keys."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Page = Any
"""The class of that name in conftest.py."""

pytest.importorskip("selenium")
from selenium.webdriver.common.keys import Keys  # noqa: E402


def test_playing_moves_the_cursor_and_stop_stops_it(page: Page) -> None:
    piece = page.card("b waltz")
    assert page.place(piece) == -1
    page.press(piece, ".play")
    page.wait(lambda: page.place(piece) > 0)
    before = page.place(piece)
    page.wait(lambda: page.place(piece) > before)
    assert page.is_playing(piece)
    button = page.one(".play", piece)
    assert button.accessible_name == "Stop b waltz"
    button.click()
    assert not page.is_playing(piece)
    assert page.place(piece) == -1
    assert button.accessible_name == "Play b waltz"
    # Nothing moves any more, several frames later.
    page.driver.execute_async_script("setTimeout(arguments[0], 150)")
    assert page.place(piece) == -1


def test_one_piece_plays_at_a_time(page: Page) -> None:
    first, second = page.card("b waltz"), page.card("a march")
    page.press(first, ".play")
    page.press(second, ".play")
    page.wait(lambda: page.place(second) > 0)
    assert (page.is_playing(first), page.is_playing(second)) == (False, True)
    page.press(second, ".play")


def test_a_piece_ends_by_itself_and_the_next_plays_when_asked(page: Page) -> None:
    page.one("#onward").click()
    page.choose("sort", "name")
    order = page.names()
    piece = page.card("long")
    roll = page.one(".roll", piece)
    roll.send_keys(Keys.END)  # the last bar, four seconds long
    page.wait(lambda: page.is_playing(piece))
    following = page.card(order[order.index("long") + 1])
    page.wait(lambda: page.is_playing(following) and not page.is_playing(piece))
    page.press(following, ".play")


def test_a_roll_is_a_slider_for_pointer_and_keys(page: Page) -> None:
    piece = page.card("long")
    roll = page.one(".roll", piece)
    assert roll.aria_role == "slider"
    assert roll.accessible_name == "Position in long"
    assert roll.get_attribute("aria-valuemax") == "256"
    roll.click()  # its middle
    page.wait(lambda: 127 <= int(roll.get_attribute("aria-valuenow") or 0) <= 135)
    roll.send_keys(Keys.ARROW_RIGHT)
    page.wait(lambda: int(roll.get_attribute("aria-valuenow") or 0) >= 132)
    roll.send_keys(Keys.HOME)
    page.wait(lambda: int(roll.get_attribute("aria-valuenow") or 0) < 100)
    assert (roll.get_attribute("aria-valuetext") or "").endswith(" of 4:16")
    page.press(piece, ".play")


def test_a_sound_file_is_played_where_there_is_one(page: Page, folder: Path) -> None:
    page.run(
        """window.played = [];
        const play = HTMLMediaElement.prototype.play;
        HTMLMediaElement.prototype.play = function () {
          window.played.push(this.src);
          return play.call(this);
        };"""
    )
    piece = page.card("short")
    page.press(piece, ".play")
    page.wait(lambda: page.place(piece) > 0)
    assert page.run("return window.played") == [(folder / "short.wav").as_uri()]
    page.wait(lambda: not page.is_playing(piece))  # it ended


def test_the_pages_own_sounds_play_when_the_sound_file_is_gone(page: Page, folder: Path) -> None:
    (folder / "short.wav").rename(folder / "moved.wav")
    try:
        page.driver.refresh()
        piece = page.card("short")
        page.press(piece, ".play")
        page.wait(lambda: page.place(piece) > 0)
    finally:
        (folder / "moved.wav").rename(folder / "short.wav")
    errors = page.driver.get_log("browser")
    assert [entry["message"].split()[0] for entry in errors] == [(folder / "short.wav").as_uri()]


def test_keys_move_play_and_star(page: Page) -> None:
    body = page.one("body")
    order = page.names()
    body.send_keys("j")
    body.send_keys("j")
    assert page.focused.accessible_name == f"Play {order[1]}"
    page.focused.send_keys("k")
    assert page.focused.accessible_name == f"Play {order[0]}"
    page.focused.send_keys("f")
    assert page.status() == "5 pieces, 1 favourite"
    piece = page.card(order[0])
    page.focused.send_keys(Keys.SPACE)
    page.wait(lambda: page.is_playing(piece))
    page.focused.send_keys(Keys.ENTER)
    page.wait(lambda: not page.is_playing(piece))
    search = page.one("#search")
    search.send_keys("jkf")  # letters in a field are letters
    assert search.get_attribute("value") == "jkf"
    assert page.status() == "0 of 5 pieces, 1 favourite"


def test_every_instrument_and_drum_sounds_dies_away_and_stays_below_full_scale(
    browser: Page,
) -> None:
    assets = files("partimento.page.assets")
    sounds = "".join((assets / f"{name}.js").read_text() for name in ("sounds", "drums"))
    sounds = sounds.replace("export ", "")  # neither imports anything
    browser.driver.get("about:blank")
    measured = browser.driver.execute_async_script(
        sounds
        + """
        const done = arguments[arguments.length - 1];
        const measure = async (play) => {
          const context = new OfflineAudioContext(1, 3 * 22050, 22050);
          play(new Sounds(context), context.destination);
          const samples = (await context.startRendering()).getChannelData(0);
          const level = (from, to) =>
            samples.slice(from * 22050, to * 22050).reduce((a, b) => Math.max(a, Math.abs(b)), 0);
          return [level(0, 0.05), level(0.05, 1.05), level(2.9, 3)];
        };
        (async () => {
          const found = {};
          for (let program = 0; program < 128; program += 1)
            found[`program ${program}`] = await measure((sounds, output) =>
              sounds.play(output, program, 60, 127, 0.06, 0.5));
          for (let key = 35; key < 82; key += 1)
            found[`drum ${key}`] = await measure((sounds, output) =>
              playDrum(sounds, output, key, 127, 0.06));
          return found;
        })().then(done, (error) => done(String(error)));"""
    )
    assert len(measured) == 128 + 47
    for name, (before, loudest, after) in measured.items():
        assert before < 1e-4, name
        assert 0.05 < loudest < 1.2, name
        assert after < 0.01, name
