// The notes of a piece, which travel as one list of numbers for each part.

/** All notes of a piece in the order of time, and once only. */
export function notesOf(music) {
  if (!music.sorted) {
    music.sorted = music.parts.flatMap((part, index) => {
      const notes = [];
      let time = 0;
      for (let i = 0; i < part.notes.length; i += 4) {
        const [wait, pitch, length, velocity] = part.notes.slice(i, i + 4);
        time += wait;
        notes.push({ time, pitch, length, velocity, part: index });
      }
      return notes;
    });
    music.sorted.sort((a, b) => a.time - b.time);
  }
  return music.sorted;
}
