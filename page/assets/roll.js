// The piano roll of a card, drawn when it comes into view.

import { notesOf } from "./notes.js";

const STRIP = 15; // height of the chords and of the bar numbers
const DRUM_ROW = 5;
const LEAST_PITCHES = 18;
const BAR_GAP = 14; // pixels between bar lines at least

export const isDark = matchMedia("(prefers-color-scheme: dark)");

/** Colour of a part in the scheme that the page has now. */
export function colorOf(palettes, index) {
  const palette = isDark.matches ? palettes.dark : palettes.light;
  return palette[index % palette.length];
}

/** Draw a piece's music on a canvas, as large as that is shown. */
export function drawRoll(canvas, music, palettes) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const style = getComputedStyle(document.documentElement);
  const color = (name) => style.getPropertyValue(name).trim();
  const x = (time) => (time / music.length) * width;
  const notes = notesOf(music);
  const pitched = notes.filter((note) => !music.parts[note.part].drums);
  const kit = [...new Set(notes.filter((note) => music.parts[note.part].drums).map((n) => n.pitch))];
  kit.sort((a, b) => a - b);
  const drums = kit.length ? Math.min(height / 3, kit.length * DRUM_ROW + 4) : 0;
  const bottom = height - STRIP;
  const floor = bottom - drums;
  let [low, high] = [128, 0];
  for (const note of pitched) {
    low = Math.min(low, note.pitch);
    high = Math.max(high, note.pitch);
  }
  const missing = Math.max(2, LEAST_PITCHES - (high - low));
  low -= Math.floor(missing / 2);
  high += Math.ceil(missing / 2);
  const row = (floor - STRIP) / (high - low + 1);
  const y = (pitch) => STRIP + (high - pitch) * row;

  const line = (left, top, w, h, fill) => {
    context.fillStyle = fill;
    context.fillRect(left, top, w, h);
  };
  if (pitched.length) {
    for (let c = Math.ceil(low / 12) * 12; c <= high; c += 12) {
      line(0, y(c) + row, width, 1, color("--octave"));
    }
  }
  if (music.beats.length < width / 6) {
    for (const beat of music.beats) line(x(beat), STRIP, 1, bottom - STRIP, color("--beat"));
  }
  // Of very many bars every second, fourth or so has a line.
  const every = 2 ** Math.max(0, Math.ceil(Math.log2((BAR_GAP * music.bars.length) / width)));
  for (let bar = 0; bar < music.bars.length; bar += every) {
    line(x(music.bars[bar]), STRIP, 1, bottom - STRIP, color("--bar"));
  }

  for (const note of notes) {
    const part = music.parts[note.part];
    context.globalAlpha = 0.4 + 0.6 * (note.velocity / 127);
    const left = x(note.time);
    const fill = colorOf(palettes, note.part);
    if (part.drums) {
      const step = (drums - 4) / kit.length;
      const top = bottom - (kit.indexOf(note.pitch) + 1) * step;
      line(left, top, 2.5, Math.max(1.5, step - 1), fill);
    } else {
      const w = Math.max(1.5, x(note.length) - 0.8);
      line(left, y(note.pitch) + (row > 3 ? 0.5 : 0), w, Math.max(2, row > 3 ? row - 1 : row), fill);
    }
  }
  context.globalAlpha = 1;

  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "middle";
  context.fillStyle = color("--faint");
  const label = (marks, middle) => {
    let free = 0;
    for (const [time, text] of marks) {
      const left = x(time) + 3;
      const right = left + context.measureText(text).width;
      if (left >= free && right <= width) {
        context.fillText(text, left, middle);
        free = right + 6;
      }
    }
  };
  label(music.chords, STRIP / 2 + 1);
  label(music.bars.map((time, index) => [time, String(index + 1)]), height - STRIP / 2);
}
