// Puts the page together.

import { Card } from "./card.js";
import { counted, element } from "./elements.js";
import { Favourites, save } from "./favourites.js";
import { List } from "./list.js";
import { Player } from "./player.js";
import { isDark } from "./roll.js";

const data = JSON.parse(document.getElementById("data").textContent);
const heard = data.pieces.filter((piece) => piece.music);
const failed = data.pieces.filter((piece) => !piece.music);
const favourites = new Favourites();
const player = new Player();
let chosen = null;

const listener = {
  onPlay(card, from) {
    if (card.isPlaying) player.stop();
    else player.play(card.piece, from);
  },
  onSeek(card, time) {
    player.play(card.piece, time);
  },
  onStar(card) {
    favourites.toggle(card.piece);
    card.showStar(favourites.has(card.piece));
    showCounts();
    if (document.getElementById("starred").checked) list.show();
  },
  onChoose(card) {
    if (chosen) chosen.choose(false);
    chosen = card;
    card.choose(true);
  },
};

const cards = heard.map((piece) => new Card(piece, data.palettes, listener));
const cardOf = new Map(cards.map((card) => [card.piece, card]));
for (const card of cards) card.showStar(favourites.has(card.piece));
const list = new List(cards, favourites, showCounts);

function showCounts() {
  const { length } = list.shown;
  const kept = cards.filter((card) => favourites.has(card.piece)).length;
  document.getElementById("status").textContent = [
    length === cards.length ? counted(length, "piece") : `${length} of ${counted(cards.length, "piece")}`,
    kept ? counted(kept, "favourite") : "",
  ].filter(Boolean).join(", ");
  document.getElementById("export").disabled = kept === 0;
}

// The cursor.
function move() {
  if (!player.piece) return;
  cardOf.get(player.piece).showTime(Math.min(player.position, player.piece.music.length));
  requestAnimationFrame(move);
}
player.onChange = (piece, isPlaying, hasEnded) => {
  const card = cardOf.get(piece);
  card.showPlaying(isPlaying);
  if (isPlaying) {
    listener.onChoose(card);
    requestAnimationFrame(move);
    return;
  }
  card.showTime(0);
  if (hasEnded && document.getElementById("onward").checked) step(card, 1, true);
};

/** Go to the next or the previous card that is shown. */
function step(from, by, andPlay) {
  const { shown } = list;
  const place = from ? shown.indexOf(from) : -1;
  const card = shown[from && place >= 0 ? place + by : 0];
  if (!card) return;
  listener.onChoose(card);
  card.root.scrollIntoView({ block: "nearest" });
  if (andPlay) player.play(card.piece, 0);
  else card.play.focus();
}

document.addEventListener("keydown", (event) => {
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!isPlain || event.target.closest("input, select, textarea")) return;
  const isPressed = event.target.closest("button, summary, a");
  if (event.key === "j") step(chosen, 1, false);
  else if (event.key === "k") step(chosen, -1, false);
  else if (event.key === "f" && chosen) listener.onStar(chosen);
  else if (event.key === " " && chosen && !isPressed) {
    event.preventDefault();
    listener.onPlay(chosen, chosen.time);
  }
});

document.getElementById("export").addEventListener("click", () => {
  const kept = list.cards.filter((card) => favourites.has(card.piece));
  save("favourites.txt", kept.map((card) => `${card.piece.files[0].name}\n`).join(""));
});

// Rolls are drawn when they come near, and again when their size or the colours change.
const near = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    const { card } = entry.target;
    if (entry.isIntersecting && !card.isDrawn) card.draw();
  }
}, { rootMargin: "400px" });
const sized = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const { card } = target.closest(".piece");
    if (card.isDrawn) card.refresh();
  }
});
for (const card of cards) {
  near.observe(card.root);
  sized.observe(card.roll);
}
isDark.addEventListener("change", () => cards.forEach((card) => card.refresh()));

if (failed.length) {
  const section = document.getElementById("failures");
  section.hidden = false;
  section.querySelector("summary").textContent = `${counted(failed.length, "piece")} without music`;
  section.querySelector("ul").append(
    ...failed.map((piece) => element("li", `${piece.name}: ${piece.error || "no MIDI file"}`)),
  );
}
list.show();
// A browser may fill the fields with what they held before, after this script has run.
addEventListener("pageshow", () => list.show());
