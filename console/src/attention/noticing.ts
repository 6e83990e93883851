// Notifications of the operating system, for whoever has another window before their eyes. Off until somebody switches
// them on: only then the browser is asked, and it asks the user.
import type { Incident } from "../queue/merge";
import { changes, type Notice, type Noticing, noticingOf } from "./notices";

const KEY = "kanhu.notices";
const listeners = new Set<() => void>();
const shown = new Map<number, Notification>();
// Browsers give them to pages that came over https (or from this machine) only.
const has = window.isSecureContext && "Notification" in window;
let wanted = localStorage.getItem(KEY) === "on";
let broken = false;
let state: Noticing = now();

function now(): Noticing {
  return noticingOf(wanted, has ? Notification.permission : null, broken);
}

export function noticing(): Noticing {
  return state;
}

export function onNoticing(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * On or off, kept on this machine. Called from a click: the browser asks the user. What the user or the browser said;
 * where that is yes, `trial` shows what it will look like.
 */
export async function switchNotices(on: boolean, trial: Notice): Promise<NotificationPermission> {
  const said = on ? await Notification.requestPermission() : Notification.permission;
  wanted = on && said === "granted";
  localStorage.setItem(KEY, wanted ? "on" : "off");
  if (wanted) make(trial, {});
  settle();
  return said;
}

/** Shows what is new and takes away what is not any more. open: what a click does. */
export function keepNotices(
  fresh: readonly Incident[],
  write: (incident: Incident) => Notice,
  open: (id: number) => void,
): void {
  settle();
  const { show, close } = changes(new Set(shown.keys()), state === "on" ? fresh : []);
  for (const id of close) {
    shown.get(id)?.close();
    shown.delete(id);
  }
  for (const incident of show) {
    // It stays until somebody does something.
    const notice = make(write(incident), { requireInteraction: true });
    if (notice === null) return;
    notice.onclick = () => {
      window.focus();
      notice.close();
      open(incident.id);
    };
    shown.set(incident.id, notice);
  }
}

export function closeNotices(): void {
  for (const notice of shown.values()) notice.close();
  shown.clear();
}

function make({ tag, title, body }: Notice, options: NotificationOptions): Notification | null {
  try {
    return new Notification(title, { ...options, tag, body, icon: "/icon.svg", lang: document.documentElement.lang });
  } catch (error) {
    // A telephone's browser has the word, says yes, and throws this.
    if (!(error instanceof TypeError)) throw error;
    broken = true;
    settle();
    return null;
  }
}

function settle(): void {
  const next = now();
  if (next === state) return;
  state = next;
  for (const each of listeners) each();
}

if (has) {
  // What is on the screen when the page goes would stay there for ever.
  window.addEventListener("pagehide", closeNotices);
  // The user may change their mind in the browser's own settings.
  window.addEventListener("focus", settle);
}
