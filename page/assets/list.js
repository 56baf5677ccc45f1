// Which cards are shown, and in which order.

import { element } from "./elements.js";

const TONICS = ["C", "C#", "Db", "D", "D#", "Eb", "E", "F", "F#", "Gb", "G", "G#", "Ab", "A", "A#", "Bb", "B"];

/** A key as numbers and words sort it: by its tonic, major first. */
function keyRank(key) {
  const [tonic, mode] = key.split(" ");
  return TONICS.indexOf(tonic) * 2 + (mode === "minor" ? 1 : 0);
}

export class List {
  constructor(cards, favourites, onShow) {
    Object.assign(this, { cards, favourites, onShow });
    this.place = document.getElementById("pieces");
    this.isReversed = false;
    this.fill("style", (a, b) => a.localeCompare(b));
    this.fill("key", (a, b) => keyRank(a) - keyRank(b));
    const tempos = cards.map((card) => card.piece.bpm);
    this.field("slowest").placeholder = String(Math.floor(Math.min(...tempos)));
    this.field("fastest").placeholder = String(Math.ceil(Math.max(...tempos)));
    for (const card of cards) card.text = this.searched(card.piece);
    const controls = document.getElementById("controls");
    for (const kind of ["input", "change"]) controls.addEventListener(kind, () => this.show());
    controls.addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("direction").addEventListener("click", (event) => {
      this.isReversed = !this.isReversed;
      event.currentTarget.setAttribute("aria-pressed", String(this.isReversed));
      event.currentTarget.firstChild.data = this.isReversed ? "↓" : "↑";
      this.show();
    });
  }

  field(id) {
    return document.getElementById(id);
  }

  /** Offer the values that the pieces have, with how many have them. */
  fill(id, order) {
    const count = new Map();
    for (const { piece } of this.cards) {
      if (piece[id]) count.set(piece[id], (count.get(piece[id]) || 0) + 1);
    }
    for (const value of [...count.keys()].sort(order)) {
      const option = element("option", `${value} (${count.get(value)})`);
      option.value = value;
      this.field(id).append(option);
    }
  }

  searched(piece) {
    const parts = piece.music.parts.map((part) => part.name);
    const values = piece.settings.map(([, value]) => value);
    return [piece.name, piece.prompt || "", piece.style || "", piece.key || "", piece.seed, ...parts, ...values]
      .join("\n").toLowerCase();
  }

  fits(card) {
    const { piece } = card;
    const words = this.field("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const [style, key] = [this.field("style").value, this.field("key").value];
    const [slowest, fastest] = [this.field("slowest").value, this.field("fastest").value];
    return (
      words.every((word) => card.text.includes(word)) &&
      (!style || piece.style === style) &&
      (!key || piece.key === key) &&
      (slowest === "" || piece.bpm >= Number(slowest)) &&
      (fastest === "" || piece.bpm <= Number(fastest)) &&
      (!this.field("starred").checked || this.favourites.has(piece))
    );
  }

  compare(a, b) {
    const by = this.field("sort").value;
    const [left, right] = [a.piece[by], b.piece[by]];
    const missing = Number(left === null) - Number(right === null); // those without come last
    if (missing) return missing;
    let order = 0;
    if (by === "key" && left !== null) order = keyRank(left) - keyRank(right);
    else if (typeof left === "string") order = left.localeCompare(right, "en", { numeric: true });
    else if (left !== null) order = left - right;
    return (this.isReversed ? -order : order) || a.piece.number - b.piece.number;
  }

  /** The cards that are shown, in order. */
  get shown() {
    return this.cards.filter((card) => !card.root.hidden);
  }

  show() {
    for (const card of this.cards) card.root.hidden = !this.fits(card);
    this.cards.sort((a, b) => this.compare(a, b));
    // Only when the order changed: a card that is moved loses the focus.
    if (this.cards.some((card, index) => this.place.children[index] !== card.root)) {
      this.place.replaceChildren(...this.cards.map((card) => card.root));
    }
    this.onShow();
  }
}
