// Plays one piece at a time: its sound file where there is one, else the page's own sounds.

import { playDrum } from "./drums.js";
import { notesOf } from "./notes.js";
import { Sounds } from "./sounds.js";

const AHEAD_SECONDS = 1.5; // hidden pages may wake only once a second
const WAKE_MS = 200;

/** How much sounds at once where a piece is fullest; a single loud note is about 0.3. */
function fullness(music) {
  const changes = notesOf(music).flatMap(({ time, length, velocity, part }) => {
    const weight = (music.parts[part].drums ? 0.5 : 0.3) * (velocity / 127) ** 1.6;
    return [[time, weight], [time + length, -weight]];
  });
  changes.sort(([a, gain], [b, loss]) => a - b || gain - loss);
  let [now, most] = [0, 0.1];
  for (const [, change] of changes) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}

/** The page's own sounds. */
class Synthesis {
  constructor(music, from, sounds, onEnd) {
    const { context } = sounds;
    Object.assign(this, { music, sounds, from, onEnd });
    // As loud as fits: a solo need not whisper for an orchestra to stay below full scale.
    this.output = new GainNode(context, { gain: Math.min(1, 0.5 / Math.sqrt(fullness(music))) });
    const wet = new GainNode(context, { gain: 0.12 });
    this.limiter = new DynamicsCompressorNode(context, { threshold: -14, ratio: 6 });
    this.output.connect(this.limiter);
    this.output.connect(wet).connect(sounds.room()).connect(this.limiter);
    this.limiter.connect(context.destination);
    this.start = context.currentTime + 0.08;
    this.next = notesOf(music).findIndex((note) => note.time >= from);
    if (this.next < 0) this.next = notesOf(music).length;
    this.timer = setInterval(() => this.schedule(), WAKE_MS);
    this.schedule();
  }

  get position() {
    return this.from + Math.max(0, this.sounds.context.currentTime - this.start) * 1000;
  }

  schedule() {
    const { context } = this.sounds;
    const horizon = context.currentTime + AHEAD_SECONDS;
    const notes = notesOf(this.music);
    for (; this.next < notes.length; this.next += 1) {
      const note = notes[this.next];
      const when = Math.max(context.currentTime, this.start + (note.time - this.from) / 1000);
      if (when > horizon) break;
      const part = this.music.parts[note.part];
      if (part.drums) playDrum(this.sounds, this.output, note.pitch, note.velocity, when);
      else this.sounds.play(this.output, part.program, note.pitch, note.velocity, when, note.length / 1000);
    }
    if (this.position >= this.music.length) {
      clearInterval(this.timer);
      // Let the last notes ring.
      setTimeout(() => this.limiter.disconnect(), 2000);
      this.onEnd();
    }
  }

  stop() {
    clearInterval(this.timer);
    this.output.gain.setTargetAtTime(0, this.sounds.context.currentTime, 0.02);
    setTimeout(() => this.limiter.disconnect(), 200);
  }
}

/** A sound file. */
class Recording {
  constructor(href, from, onEnd, onFailure) {
    this.audio = new Audio(href);
    this.audio.addEventListener("ended", onEnd);
    this.audio.addEventListener("error", onFailure);
    this.audio.currentTime = from / 1000;
    this.audio.play().catch(() => {}); // a failure to load is an error event; a stop is none
  }

  get position() {
    return this.audio.currentTime * 1000;
  }

  stop() {
    this.audio.pause();
    this.audio.removeAttribute("src");
  }
}

export class Player {
  constructor() {
    this.piece = null;
    this.source = null;
    this.onChange = () => {}; // hears (piece, isPlaying, hasEnded)
  }

  /** Where the music is, in milliseconds. */
  get position() {
    return this.source ? this.source.position : 0;
  }

  async play(piece, from = 0) {
    this.stop();
    this.piece = piece;
    this.onChange(piece, true, false);
    if (piece.audio && !piece.isSilent) {
      const recording = new Recording(piece.audio, from, () => this.end(), () => {
        if (this.source !== recording) return;
        piece.isSilent = true; // the file is gone, or of a kind that this browser cannot play
        this.play(piece, from);
      });
      this.source = recording;
      return;
    }
    if (!this.sounds) this.sounds = new Sounds(new AudioContext());
    await this.sounds.context.resume();
    if (this.piece === piece && !this.source) {
      this.source = new Synthesis(piece.music, from, this.sounds, () => this.end());
    }
  }

  stop() {
    const { piece, source } = this;
    this.piece = null;
    this.source = null;
    if (source) source.stop();
    if (piece) this.onChange(piece, false, false);
  }

  end() {
    const { piece } = this;
    this.piece = null;
    this.source = null;
    this.onChange(piece, false, true);
  }
}
