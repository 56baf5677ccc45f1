// Voices by family of General MIDI programs: simple sounds that are told apart and please.
//
// waves: strengths of the partials. cutoff: where the filter opens to, as a multiple of the
// note's frequency, and settles; null is no filter. attack, decay, release in seconds; sustain
// is the share of the level that a held note settles at. spread: detuning of a second
// oscillator in cents. wave: depth of the vibrato in cents.

const sawtooth = (count, fall = 1) => Array.from({ length: count }, (_, i) => (i + 1) ** -fall);
const hollow = (count) => Array.from({ length: count }, (_, i) => (i % 2 ? 0.08 : 1 / (i + 1)));

const VOICES = {
  piano: { waves: [1, 0.6, 0.35, 0.2, 0.14, 0.08, 0.05], attack: 0.003, decay: 1.6, sustain: 0.03, release: 0.18, cutoff: [9, 2.5], level: 0.5 },
  bell: { waves: [1, 0.05, 0.02, 0.35, 0, 0, 0.12], attack: 0.002, decay: 1.3, sustain: 0, release: 0.9, cutoff: null, level: 0.4 },
  organ: { waves: [1, 0.7, 0.5, 0.4, 0, 0.25, 0, 0.2], attack: 0.02, decay: 0.1, sustain: 0.9, release: 0.1, cutoff: null, level: 0.22 },
  pluck: { waves: sawtooth(12, 1.2), attack: 0.003, decay: 0.9, sustain: 0.01, release: 0.15, cutoff: [10, 1.5], level: 0.45 },
  bass: { waves: [1, 0.5, 0.25, 0.12, 0.06], attack: 0.006, decay: 0.9, sustain: 0.25, release: 0.1, cutoff: [8, 3], level: 0.6 },
  strings: { waves: sawtooth(16, 1.1), attack: 0.09, decay: 0.3, sustain: 0.85, release: 0.3, cutoff: [4, 5], level: 0.2, spread: 8, wave: 6 },
  choir: { waves: [1, 0.5, 0.2, 0.25, 0.12, 0.05], attack: 0.12, decay: 0.3, sustain: 0.9, release: 0.35, cutoff: [4, 4], level: 0.26, spread: 10, wave: 8 },
  brass: { waves: sawtooth(14, 0.9), attack: 0.04, decay: 0.2, sustain: 0.8, release: 0.12, cutoff: [2, 6], level: 0.22, wave: 3 },
  reed: { waves: hollow(11), attack: 0.03, decay: 0.2, sustain: 0.85, release: 0.1, cutoff: [6, 5], level: 0.26, wave: 4 },
  pipe: { waves: [1, 0.18, 0.08, 0.03], attack: 0.05, decay: 0.2, sustain: 0.9, release: 0.12, cutoff: null, level: 0.36, wave: 7 },
  lead: { waves: sawtooth(12), attack: 0.01, decay: 0.3, sustain: 0.7, release: 0.12, cutoff: [8, 4], level: 0.2, spread: 6 },
  pad: { waves: sawtooth(10, 1.3), attack: 0.3, decay: 0.5, sustain: 0.85, release: 0.8, cutoff: [2, 4], level: 0.18, spread: 14 },
};
const FAMILIES = [
  ...["piano", "bell", "organ", "pluck", "bass", "strings", "strings", "brass"],
  ...["reed", "pipe", "lead", "pad", "pad", "pluck", "bell", "pad"],
];

/** The voice of a General MIDI program 0..127. */
function voiceOf(program) {
  if (program === 45 || program === 46) return VOICES.pluck; // pizzicato, harp
  if (program === 47) return VOICES.bass; // timpani
  if (program >= 52 && program <= 54) return VOICES.choir;
  return VOICES[FAMILIES[program >> 3]];
}

/** What the sounds of one audio context share. */
export class Sounds {
  constructor(context) {
    this.context = context;
    this.waves = new Map();
    const count = context.sampleRate;
    this.noise = context.createBuffer(1, count, count);
    const samples = this.noise.getChannelData(0);
    for (let i = 0; i < count; i += 1) samples[i] = 2 * Math.random() - 1;
  }

  /** A little room: noise that dies away in a second. */
  room() {
    const { context } = this;
    const impulse = context.createBuffer(2, context.sampleRate, context.sampleRate);
    for (const channel of [0, 1]) {
      const samples = impulse.getChannelData(channel);
      for (let i = 0; i < samples.length; i += 1) {
        samples[i] = (2 * Math.random() - 1) * (1 - i / samples.length) ** 5;
      }
    }
    return new ConvolverNode(context, { buffer: impulse });
  }

  wave(voice) {
    if (!this.waves.has(voice)) {
      const imag = new Float32Array([0, ...voice.waves]);
      const wave = this.context.createPeriodicWave(new Float32Array(imag.length), imag);
      this.waves.set(voice, wave);
    }
    return this.waves.get(voice);
  }

  /** Start a note at a time of the context, for some seconds. */
  play(output, program, pitch, velocity, when, seconds) {
    const { context } = this;
    const voice = voiceOf(program);
    const frequency = 440 * 2 ** ((pitch - 69) / 12);
    const end = when + Math.max(seconds, voice.attack);
    const last = end + voice.release * 2;
    const level = voice.level * (velocity / 127) ** 1.6;
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, when);
    gain.gain.linearRampToValueAtTime(level, when + voice.attack);
    gain.gain.setTargetAtTime(level * voice.sustain, when + voice.attack, voice.decay / 2);
    gain.gain.setTargetAtTime(0, end, voice.release / 3);
    gain.connect(output);
    let input = gain;
    if (voice.cutoff) {
      const highest = context.sampleRate * 0.45;
      const [first, then] = voice.cutoff.map((times) => Math.min(highest, frequency * times + 200));
      input = new BiquadFilterNode(context, { type: "lowpass", frequency: first, Q: 0.4 });
      input.frequency.setValueAtTime(first, when);
      input.frequency.setTargetAtTime(then, when, Math.max(0.06, voice.decay / 4));
      input.connect(gain);
    }
    const detunings = voice.spread ? [-voice.spread, voice.spread] : [0];
    for (const detune of detunings) {
      const oscillator = new OscillatorNode(context, {
        frequency, detune, periodicWave: this.wave(voice),
      });
      oscillator.connect(input);
      if (voice.wave) this.vibrato(oscillator, voice.wave, when, last);
      oscillator.start(when);
      oscillator.stop(last);
    }
  }

  vibrato(oscillator, cents, when, last) {
    const slow = new OscillatorNode(this.context, { frequency: 5.2 });
    const depth = new GainNode(this.context, { gain: 0 });
    depth.gain.setValueAtTime(0, when + 0.2);
    depth.gain.linearRampToValueAtTime(cents, when + 0.7);
    slow.connect(depth).connect(oscillator.detune);
    slow.start(when);
    slow.stop(last);
  }
}
