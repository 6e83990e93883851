// Which keys do what. A chord is one key ("j", "?", "Enter", "Shift+Enter") or two in a row ("g q").

export interface Pressed {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}

/** How a pressed key is written; null where it is the browser's or the system's. */
export function written(pressed: Pressed): string | null {
  if (pressed.ctrlKey || pressed.altKey || pressed.metaKey) return null;
  const { key } = pressed;
  if (["Shift", "Control", "Alt", "Meta", "CapsLock", "Dead", "Process", "Unidentified"].includes(key)) return null;
  // A printed character says by itself whether Shift was held.
  if (key.length === 1) return /[A-Z]/.test(key) && !pressed.shiftKey ? key.toLowerCase() : key;
  return pressed.shiftKey ? `Shift+${key}` : key;
}

/** How long the first key of two is remembered, milliseconds. */
export const TOGETHER = 1500;

export interface Begun {
  readonly key: string;
  readonly at: number;
}

export interface Reading {
  /** the chord that is complete, if one is */
  readonly chord: string | null;
  /** what has begun and waits for its second key */
  readonly begun: Begun | null;
}

/** Reads one more key. known: the chords that count now; at: milliseconds. */
export function read(key: string, begun: Begun | null, known: readonly string[], at: number): Reading {
  if (begun && at - begun.at <= TOGETHER) {
    const both = `${begun.key} ${key}`;
    if (known.includes(both)) return { chord: both, begun: null };
  }
  if (known.includes(key)) return { chord: key, begun: null };
  const begins = known.some((chord) => chord.startsWith(`${key} `));
  return { chord: null, begun: begins ? { key, at } : null };
}
