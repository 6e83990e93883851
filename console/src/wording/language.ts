// Which language the console speaks: what was chosen last on this machine, else the user's, else the browser's.
import { bestLanguage, LANGUAGES, type Language } from "./languages";

const KEY = "kanhu.language";

function chosen(): Language | null {
  const kept = localStorage.getItem(KEY);
  return LANGUAGES.find((each) => each === kept) ?? null;
}

let current: Language = chosen() ?? bestLanguage(navigator.languages);
const listeners = new Set<() => void>();

export function language(): Language {
  return current;
}

/** Speak this language from now on, on this machine. */
export function speak(next: Language): void {
  localStorage.setItem(KEY, next);
  change(next);
}

/** Speak the user's own language, unless another was chosen on this machine. */
export function speakUsers(own: Language): void {
  if (chosen() === null) change(own);
}

export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(next: Language): void {
  current = next;
  for (const each of listeners) each();
}
