"""The page in a real browser: it opens, shows, filters, sorts, keeps stars, fits."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from partimento.page import collect, document

pytestmark = pytest.mark.slow

Page = Any
"""The class of that name in conftest.py."""

pytest.importorskip("selenium")
from selenium.webdriver.common.keys import Keys  # noqa: E402

WritePiece = Callable[..., Path]
EVIL = '<img src=x onerror="window.attacked=1"> & <b>bold'
"""Name of a piece, as in conftest.py."""


def test_it_opens_with_a_card_for_each_piece(page: Page) -> None:
    assert page.driver.title == "Some <pieces>"
    assert sorted(page.names()) == sorted(["b waltz", "a march", EVIL, "long", "short"])
    assert page.status() == "5 pieces"
    facts = page.one(".facts", page.card("b waltz")).text
    assert facts == "folk · C major · 4/4 · 90 bpm · 4 bars · 0:10 · 32 notes · seed 1"
    assert page.one(".prompt", page.card("b waltz")).text == "a slow tune"
    parts = page.all(".legend li", page.card("b waltz"))
    assert [part.text for part in parts] == ["flute", "piano", "drums"]
    failures = page.one("#failures")
    assert failures.text == "1 piece without music"
    assert "broken: " in (failures.get_attribute("textContent") or "")


def test_names_are_shown_and_never_run(page: Page) -> None:
    assert EVIL in page.names()
    assert page.run("return window.attacked") is None
    assert page.all(".piece img, .piece b") == []


def test_nothing_is_fetched(page: Page) -> None:
    fetched = page.run("return performance.getEntriesByType('resource').map(e => e.name)")
    assert [name for name in fetched if not name.startswith("data:")] == []


def test_links_lead_to_the_files(page: Page, folder: Path) -> None:
    links = page.all(".files a", page.card("short"))
    assert [link.text for link in links] == ["MIDI", "WAV"]
    assert [link.get_attribute("href") for link in links] == [
        (folder / name).as_uri() for name in ("short.mid", "short.wav")
    ]


def test_the_settings_unfold(page: Page) -> None:
    piece = page.card("b waltz")
    page.press(piece, "summary")
    assert page.one("dl", piece).text.split("\n") == ["bars", "4", "bpm", "90"]


def test_rolls_show_every_part_in_its_colour(page: Page) -> None:
    shown = page.run(
        """const canvas = arguments[0].querySelector("canvas");
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        const found = new Set();
        for (let i = 0; i < pixels.length; i += 4)
          if (pixels[i + 3] > 100) found.add(pixels[i] + "," + pixels[i + 1] + "," + pixels[i + 2]);
        return [...found];""",
        page.card("b waltz"),
    )
    colors = [tuple(map(int, color.split(","))) for color in shown]

    def near(wanted: tuple[int, int, int]) -> bool:
        # Premultiplied alpha rounds.
        return any(max(abs(a - b) for a, b in zip(c, wanted, strict=True)) < 6 for c in colors)

    assert all(map(near, [(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00), (0x00, 0x9E, 0x73)]))
    assert not near((0xCC, 0x79, 0xA7))


def test_fields_and_pieces_agree_after_a_reload(page: Page) -> None:
    everything = page.names()
    page.choose("style", "folk")
    shown = page.names()
    page.driver.refresh()
    style = page.one("#style").get_property("value")
    assert page.names() == (shown if style == "folk" else everything)


def test_pieces_are_filtered_by_words_style_key_and_tempo(page: Page) -> None:
    search = page.one("#search")
    search.send_keys("SLOW tune")
    assert page.names() == ["b waltz"]
    assert page.status() == "1 of 5 pieces"
    search.clear()
    search.send_keys(Keys.SPACE)
    page.choose("style", "folk")
    assert sorted(page.names()) == sorted(["b waltz", EVIL])
    page.one("#slowest").send_keys("100")
    assert page.names() == [EVIL]
    page.one("#fastest").send_keys("110")
    assert page.names() == []
    for field in ("slowest", "fastest"):
        page.one(f"#{field}").send_keys(Keys.BACKSPACE * 3)
    page.choose("style", "")
    options = page.all("#key option")
    keys = [option.get_attribute("value") for option in options]
    assert keys[0] == ""
    assert {"C major", "A major"} <= set(keys)
    page.choose("key", "A major")
    assert page.names() == ["a march"]


def test_pieces_are_sorted_both_ways(page: Page) -> None:
    page.choose("sort", "bpm")
    by_tempo = ["long", "b waltz", EVIL, "a march", "short"]
    assert page.names() == by_tempo
    page.one("#direction").click()
    assert page.names() == by_tempo[::-1]
    assert page.one("#direction").get_attribute("aria-pressed") == "true"
    page.one("#direction").click()
    page.choose("sort", "style")  # those without a style come last
    assert page.names()[:3] == ["a march", *sorted(["b waltz", EVIL], key=page.names().index)]
    assert set(page.names()[3:]) == {"long", "short"}
    page.choose("sort", "seconds")
    assert page.names()[0] == "short"
    page.choose("sort", "key")
    assert page.names()[-1] == "a march"


def test_stars_survive_a_reload_and_filter(page: Page) -> None:
    for name in ("long", "b waltz"):
        page.press(page.card(name), ".star")
    assert page.status() == "5 pieces, 2 favourites"

    def is_kept() -> bool:  # a browser writes its storage a moment after the page asked for it
        page.driver.refresh()
        return bool(page.one(".star", page.card("long")).text == "★")

    page.wait(is_kept)
    star = page.one(".star", page.card("long"))
    assert star.get_attribute("aria-pressed") == "true"
    assert star.accessible_name == "Favourite: long"
    page.one("#starred").click()
    assert sorted(page.names()) == ["b waltz", "long"]
    page.press(page.card("long"), ".star")
    assert page.names() == ["b waltz"]

    def is_counted() -> bool:
        page.driver.refresh()
        return page.status() == "5 pieces, 1 favourite"

    page.wait(is_counted)


def test_favourites_are_saved_as_a_list(page: Page, tmp_path: Path) -> None:
    page.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)}
    )
    button = page.one("#export")
    assert not button.is_enabled()
    for name in ("short", EVIL):
        page.press(page.card(name), ".star")
    page.choose("sort", "bpm")
    button.click()
    saved = tmp_path / "favourites.txt"
    page.wait(saved.exists)
    assert saved.read_text(encoding="utf-8").splitlines() == [f"{EVIL}.mid", "short.mid"]


def test_everything_that_is_operated_has_a_name(page: Page) -> None:
    selector = "input, select, button, summary, a, [role=slider], nav, ul"
    found = page.all(selector)
    assert len(found) > 30
    for element in found:
        if element.is_displayed() and element.tag_name != "ul":
            assert element.accessible_name.strip(), element.get_attribute("outerHTML")


def test_the_page_is_dark_when_the_reader_wants_it(page: Page) -> None:
    def ground() -> int:
        color = page.run("return getComputedStyle(document.body).backgroundColor")
        return sum(map(int, color.removeprefix("rgb(").removesuffix(")").split(",")))

    light = ground()
    feature = {"name": "prefers-color-scheme", "value": "dark"}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    try:
        assert ground() < 150 < 600 < light
        patch = page.one(".legend i", page.card("long"))
        page.wait(lambda: "rgb(86, 180, 233)" in (patch.get_attribute("style") or ""))
    finally:
        page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.mark.parametrize("width", [320, 390, 800])
def test_a_narrow_page_needs_no_sideways_scrolling(page: Page, width: int) -> None:
    size = {"width": width, "height": 800, "deviceScaleFactor": 2, "mobile": True}
    page.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        wide = page.run("return document.documentElement.scrollWidth")
        assert wide <= width
    finally:
        page.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_of_many_pieces_only_the_rolls_near_the_view_are_drawn(
    browser: Page, tmp_path: Path, write_piece: WritePiece
) -> None:
    for number in range(60):
        write_piece(tmp_path, f"piece {number}", seed=number)
    (tmp_path / "index.html").write_text(document(collect(tmp_path)), encoding="utf-8")
    browser.driver.get((tmp_path / "index.html").as_uri())
    drawn = "return [...document.querySelectorAll('.piece')].filter(p => p.card.isDrawn).length"
    browser.wait(lambda: browser.run(drawn) >= 2)
    assert browser.run(drawn) < 30
    last = browser.all(".piece")[-1]
    browser.run("arguments[0].scrollIntoView()", last)
    browser.wait(lambda: browser.run("return arguments[0].card.isDrawn", last))
