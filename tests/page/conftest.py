"""Folders of small pieces with stored settings, and a browser without a window to look at them."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from partimento.music.midi.writer import write_midi
from partimento.music.score import Meter, Note, Score, Tempo, Track
from partimento.page import collect, document
from partimento.rendering.audio.files import write_audio
from partimento.rendering.audio.loudness import SAMPLE_RATE
from partimento.request.request import Request
from partimento.sampling.provenance import Provenance

WritePiece = Callable[..., Path]

_SCALE = (0, 2, 4, 5, 7, 9, 11)


@pytest.fixture(scope="session")
def write_piece() -> WritePiece:
    """A function that writes a piece into a folder and returns its path."""

    def write(
        folder: Path,
        name: str,
        *,
        bpm: float = 120.0,
        bars: int = 4,
        tonic: int = 60,
        style: str | None = None,
        prompt: str | None = None,
        seed: int = 1,
    ) -> Path:
        """A scale in quarters from `tonic`, with held chords and a drum on each bar."""
        melody = [
            Note(24 * i, tonic + 12 * (i % 14 // 7) + _SCALE[i % 7], 24) for i in range(4 * bars)
        ]
        piano = [Note(96 * bar, tonic + step, 96) for bar in range(bars) for step in (-12, -8, -5)]
        drums = [Note(96 * bar, 36, 6, 100) for bar in range(bars)]
        request = Request(bars=bars, bpm=bpm, prompt=prompt, seed=seed)
        made = Provenance("1.0", request, "0123", "numba", "float32", style=style)
        tracks = (
            Track(tuple(melody), 73, name="flute"),
            Track(tuple(sorted(piano)), 0, name="piano"),
            Track(tuple(drums), is_drum=True, name="drums"),
        )
        score = Score(24, tracks, (Tempo(0, bpm),), (Meter(0, 4, 4),), texts=(made.to_text(),))
        path = folder / f"{name}.mid"
        write_midi(score, path)
        return path

    return write


BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
EVIL = '<img src=x onerror="window.attacked=1"> & <b>bold'
"""Name of a piece that attacks; a file's name holds no slash."""
SWITCHES = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--window-size=1280,900", "--mute-audio", "--disable-dev-shm-usage"),
)


class Page:
    """What a reader sees of a page and does with it, by way of a browser's driver."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def one(self, selector: str, inside: Any = None) -> Any:
        """The first element that a CSS selector finds, in the page or inside an element."""
        return (inside or self.driver).find_element("css selector", selector)

    def all(self, selector: str, inside: Any = None) -> list[Any]:
        """All of them."""
        return list((inside or self.driver).find_elements("css selector", selector))

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def wait(self, condition: Callable[[], object]) -> None:
        """Wait until something is true, and fail after 20 seconds."""
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, 20, 0.05).until(lambda _: condition())

    def names(self) -> list[str]:
        """Titles of the cards that are shown, in order."""
        return [title.text for title in self.all(".piece:not([hidden]) h2")]

    def card(self, name: str) -> Any:
        """The card of a piece."""
        return next(card for card in self.all(".piece") if self.one("h2", card).text == name)

    def press(self, card: Any, selector: str) -> None:
        """Click on something in a card."""
        self.one(selector, card).click()

    def choose(self, field: str, value: str) -> None:
        """Choose a value of a list."""
        self.one(f'#{field} option[value="{value}"]').click()

    def place(self, card: Any) -> float:
        """How far to the right the cursor of a card is, in pixels; -1 when it is hidden."""
        cursor = self.one(".cursor", card)
        if cursor.get_attribute("hidden") is not None:
            return -1.0
        return float(cursor.get_attribute("style").split("translateX(")[1].split("px")[0])

    def is_playing(self, card: Any) -> bool:
        """Whether a card says that it plays."""
        return "playing" in card.get_attribute("class").split()

    def status(self) -> str:
        """The line that says how many pieces are shown."""
        return str(self.one("#status").text)

    @property
    def focused(self) -> Any:
        """The element that has the focus."""
        return self.driver.switch_to.active_element


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser with a profile of its own; skips where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("no chromium or google-chrome with chromedriver on PATH")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for switch in (*SWITCHES, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(switch)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    # Its own manager of drivers would look for newer ones in the network.
    service = webdriver.ChromeService(driver, env={**os.environ, "SE_OFFLINE": "true"})
    with webdriver.Chrome(options=options, service=service) as started:
        yield Page(started)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, write_piece: WritePiece) -> Path:
    """Five pieces, a broken one, and their page; one has a sound file."""
    path = tmp_path_factory.mktemp("pieces")
    write_piece(path, "b waltz", bpm=90, style="folk", seed=1, prompt="a slow tune")
    write_piece(path, "a march", bpm=200, style="classical", tonic=57, seed=2)
    write_piece(path, EVIL, bpm=120, style="folk", prompt=EVIL, seed=3)
    write_piece(path, "long", bpm=60, bars=64, tonic=62, seed=4)
    write_piece(path, "short", bpm=240, bars=1, seed=5)
    write_audio(np.zeros((SAMPLE_RATE, 2), np.float32), path / "short.wav")
    (path / "broken.mid").write_bytes(b"junk")
    (path / "index.html").write_text(document(collect(path, "Some <pieces>")), encoding="utf-8")
    return path


@pytest.fixture
def page(browser: Page, folder: Path) -> Iterator[Page]:
    """The page, freshly opened and without stars; no error may come up in its console."""
    browser.driver.get("about:blank")  # fields are filled again on the way from the same page
    browser.driver.get((folder / "index.html").as_uri())
    browser.run("localStorage.clear()")
    browser.driver.refresh()
    yield browser
    errors = [entry for entry in browser.driver.get_log("browser") if entry["level"] == "SEVERE"]
    assert errors == []
