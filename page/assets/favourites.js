// The stars: kept in the browser by what the MIDI files hold, saved as a list of their names.

const STORE = "partimento favourites";

export class Favourites {
  constructor() {
    let stored = [];
    try {
      stored = JSON.parse(localStorage.getItem(STORE)) || [];
    } catch {
      // Storage may be forbidden or hold something else: stars then last as long as the page.
    }
    this.ids = new Set(Array.isArray(stored) ? stored : []);
  }

  has(piece) {
    return this.ids.has(piece.id);
  }

  toggle(piece) {
    if (!this.ids.delete(piece.id)) this.ids.add(piece.id);
    try {
      localStorage.setItem(STORE, JSON.stringify([...this.ids]));
    } catch {
      // As above.
    }
  }
}

/** Hand a text to the reader as a file. */
export function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
