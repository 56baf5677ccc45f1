// Drums: skins are falling tones, metal and rattles are filtered noise.

const SKINS = new Map([
  ...[35, 36].map((key) => [key, [130, 45, 0.3, 1.1]]),
  ...[[41, 90], [43, 105], [45, 125], [47, 145], [48, 170], [50, 200]].map(([key, tone]) => [
    key, [tone * 1.5, tone, 0.35, 0.7],
  ]),
  ...[[60, 320], [61, 240], [62, 230], [63, 220], [64, 165]].map(([key, tone]) => [
    key, [tone * 1.15, tone, 0.18, 0.5],
  ]),
]); // from and to hertz, seconds, level
const NOISES = new Map([
  ...[38, 40].map((key) => [key, ["bandpass", 2200, 0.16, 0.7]]),
  [39, ["bandpass", 1300, 0.12, 0.6]],
  [37, ["bandpass", 3000, 0.03, 0.7]],
  ...[22, 42].map((key) => [key, ["highpass", 8000, 0.05, 0.35]]),
  [44, ["highpass", 7000, 0.06, 0.25]],
  ...[26, 46].map((key) => [key, ["highpass", 7500, 0.35, 0.32]]),
  ...[49, 52, 55, 57].map((key) => [key, ["highpass", 5000, 1.1, 0.4]]),
  ...[51, 53, 59].map((key) => [key, ["highpass", 6500, 0.45, 0.25]]),
  [54, ["highpass", 6000, 0.12, 0.3]],
  ...[69, 70, 82].map((key) => [key, ["highpass", 5500, 0.06, 0.3]]),
]); // filter, hertz, seconds, level
const CLICKS = new Map([[56, 560], [76, 1000], [77, 780], [75, 2200], [80, 4200], [81, 4200]]);

/** Start a stroke on a drum key at a time of the context. */
export function playDrum(sounds, output, key, velocity, when) {
  const { context } = sounds;
  const loud = (velocity / 127) ** 1.4;
  const fading = (level, seconds) => {
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(level * loud, when);
    gain.gain.exponentialRampToValueAtTime(0.0005, when + seconds);
    gain.connect(output);
    return gain;
  };
  const tone = (from, to, seconds, level, type = "sine") => {
    const oscillator = new OscillatorNode(context, { type, frequency: from });
    oscillator.frequency.setValueAtTime(from, when);
    oscillator.frequency.exponentialRampToValueAtTime(to, when + seconds * 0.4);
    oscillator.connect(fading(level, seconds));
    oscillator.start(when);
    oscillator.stop(when + seconds);
  };
  const hiss = (type, frequency, seconds, level) => {
    const source = new AudioBufferSourceNode(context, { buffer: sounds.noise, loop: true });
    const filter = new BiquadFilterNode(context, { type, frequency, Q: 0.7 });
    source.connect(filter).connect(fading(level, seconds));
    source.start(when, Math.random() * 0.5);
    source.stop(when + seconds);
  };
  if (SKINS.has(key)) return tone(...SKINS.get(key));
  if (CLICKS.has(key)) return tone(CLICKS.get(key), CLICKS.get(key), 0.12, 0.3, "triangle");
  hiss(...(NOISES.get(key) || ["bandpass", 1800, 0.08, 0.4]));
  if (key === 38 || key === 40) tone(240, 180, 0.12, 0.4, "triangle");
  return undefined;
}
