// The keys that count now: pages and dialogs add theirs while they are shown.
import { type Begun, read, written } from "./chords";

export interface Key {
  /** "j", "Enter", "g q" */
  readonly chord: string;
  /** name of the message that says what it does */
  readonly wording: string;
  readonly run: () => void;
}

export interface Group {
  /** name of the message that heads it in the list of keys */
  readonly wording: string;
  readonly keys: readonly Key[];
}

let groups: readonly Group[] = [];
let begun: Begun | null = null;
const listeners = new Set<() => void>();

export function keyGroups(): readonly Group[] {
  return groups;
}

export function onKeyGroups(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** These keys count until the returned function is called. The last that was added wins. */
export function addKeys(group: Group): () => void {
  change([...groups, group]);
  return () => change(groups.filter((each) => each !== group));
}

function change(next: readonly Group[]): void {
  groups = next;
  for (const each of listeners) each();
}

/** Listens to the window. Keys that are typed into a field, or pressed in a dialog, are not ours. */
export function listenToKeys(): () => void {
  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || (event.repeat !== false && !repeats(event.key))) return;
    if (isTyping(event.target) || document.querySelector('[aria-modal="true"]')) return;
    const key = written(event);
    if (key === null) return;
    const all = groups.flatMap((group) => group.keys);
    const reading = read(
      key,
      begun,
      all.map((each) => each.chord),
      event.timeStamp,
    );
    begun = reading.begun;
    const found = all.findLast((each) => each.chord === reading.chord);
    // Enter and Space on a link or button are its own.
    if (!found || (["Enter", " "].includes(key) && isControl(event.target))) return;
    event.preventDefault();
    found.run();
  }
  window.addEventListener("keydown", onKey);
  return () => window.removeEventListener("keydown", onKey);
}

function repeats(key: string): boolean {
  return key === "j" || key === "k" || key.startsWith("Arrow");
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button])")
  );
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("a, button, [role=button], summary") !== null;
}
