// One piece as a card: facts, roll, play and star.

import { clock, counted, element } from "./elements.js";
import { colorOf, drawRoll } from "./roll.js";

export class Card {
  /** `listener` hears onPlay(card, from), onStar(card) and onChoose(card). */
  constructor(piece, palettes, listener) {
    Object.assign(this, { piece, palettes, listener, isPlaying: false, isDrawn: false, time: 0 });
    this.root = document.getElementById("card").content.firstElementChild.cloneNode(true);
    this.root.card = this;
    const find = (selector) => this.root.querySelector(selector);
    this.play = find(".play");
    this.star = find(".star");
    this.roll = find(".roll");
    this.canvas = find("canvas");
    this.cursor = find(".cursor");
    find("h2").textContent = piece.name;
    find(".facts").textContent = this.facts();
    find(".prompt").hidden = !piece.prompt;
    find(".prompt").textContent = piece.prompt || "";
    this.fillLegend(find(".legend"));
    this.fillFiles(find(".files"));
    this.fillSettings(find("dl"));
    this.play.addEventListener("click", () => listener.onPlay(this, 0));
    this.star.addEventListener("click", () => listener.onStar(this));
    this.root.addEventListener("focusin", () => listener.onChoose(this));
    this.root.addEventListener("pointerdown", () => listener.onChoose(this));
    this.roll.addEventListener("click", (event) => {
      const box = this.roll.getBoundingClientRect();
      listener.onSeek(this, ((event.clientX - box.left) / box.width) * piece.music.length);
    });
    this.roll.addEventListener("keydown", (event) => this.onKey(event));
    this.roll.setAttribute("aria-label", `Position in ${piece.name}`);
    this.roll.setAttribute("aria-valuemax", String(Math.round(piece.music.length / 1000)));
    this.showPlaying(false);
    this.showTime(0);
  }

  facts() {
    const { piece } = this;
    return [
      piece.style, piece.key, piece.meter, `${Math.round(piece.bpm)} bpm`,
      counted(piece.bars, "bar"), clock(piece.seconds * 1000), counted(piece.notes, "note"),
      piece.seed === null ? "" : `seed ${piece.seed}`,
    ].filter(Boolean).join(" · ");
  }

  fillLegend(list) {
    list.replaceChildren(...this.piece.music.parts.map((part, index) => {
      const item = element("li");
      const patch = element("i");
      patch.style.background = colorOf(this.palettes, index);
      item.append(patch, part.name);
      return item;
    }));
  }

  fillFiles(nav) {
    nav.setAttribute("aria-label", `Files of ${this.piece.name}`);
    for (const file of this.piece.files) {
      const link = element("a", file.label);
      link.href = file.href;
      link.title = file.name;
      nav.append(link);
    }
  }

  fillSettings(list) {
    const rows = [...this.piece.settings];
    if (this.piece.reading) rows.push(["prompt", this.piece.reading]);
    for (const [name, value] of rows) list.append(element("dt", name), element("dd", value));
    list.parentElement.hidden = rows.length === 0;
  }

  onKey(event) {
    const { bars, length } = this.piece.music;
    const after = bars.find((bar) => bar > this.time + 1);
    const before = bars.filter((bar) => bar < this.time - 300).pop();
    const places = {
      ArrowRight: after ?? length, ArrowUp: after ?? length,
      ArrowLeft: before ?? 0, ArrowDown: before ?? 0, Home: 0, End: bars.at(-1),
    };
    if (event.key in places) {
      event.preventDefault();
      this.listener.onSeek(this, Math.min(places[event.key], length - 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.listener.onPlay(this, this.time);
    }
  }

  draw() {
    drawRoll(this.canvas, this.piece.music, this.palettes);
    this.isDrawn = true;
  }

  /** Draw again with the colours and size of now. */
  refresh() {
    this.fillLegend(this.root.querySelector(".legend"));
    if (this.isDrawn) this.draw();
    this.showTime(this.time);
  }

  showPlaying(isPlaying) {
    this.isPlaying = isPlaying;
    this.root.classList.toggle("playing", isPlaying);
    this.play.setAttribute("aria-label", `${isPlaying ? "Stop" : "Play"} ${this.piece.name}`);
    this.play.title = isPlaying ? "Stop" : "Play";
  }

  showTime(time) {
    this.time = time;
    const { length } = this.piece.music;
    this.cursor.hidden = !this.isPlaying && time === 0;
    if (!this.cursor.hidden) {
      const left = Math.min(1, time / length) * this.roll.clientWidth;
      this.cursor.style.transform = `translateX(${left.toFixed(1)}px)`;
    }
    this.roll.setAttribute("aria-valuenow", String(Math.floor(time / 1000)));
    this.roll.setAttribute("aria-valuetext", `${clock(time)} of ${clock(length)}`);
  }

  showStar(isStarred) {
    this.star.textContent = isStarred ? "★" : "☆";
    this.star.setAttribute("aria-pressed", String(isStarred));
    this.star.setAttribute("aria-label", `Favourite: ${this.piece.name}`);
  }

  choose(isChosen) {
    this.root.classList.toggle("chosen", isChosen);
  }
}
