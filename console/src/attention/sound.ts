// The sound of a new emergency: three rising pairs of tones, made by the browser, no file. Browsers play nothing before
// the page was clicked or a key was pressed; until then the state says so.

export type Sound = "off" | "waits-for-click" | "on";

const KEY = "kanhu.sound";
const listeners = new Set<() => void>();
let context: AudioContext | null = null;
let wanted = localStorage.getItem(KEY) !== "off";
let state: Sound = wanted ? "waits-for-click" : "off";

export function soundState(): Sound {
  return state;
}

export function onSound(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** On or off, kept on this machine. Called from a click, so that the browser allows it; a chime shows that it works. */
export function switchSound(on: boolean): void {
  wanted = on;
  localStorage.setItem(KEY, on ? "on" : "off");
  if (on) void unlock().then(() => state === "on" && chime());
  else settle();
}

/** The first click or key lets the browser play. Returns what ends the listening. */
export function unlockOnFirstTouch(): () => void {
  const touched = () => void unlock();
  const events = ["pointerdown", "keydown"] as const;
  for (const event of events) window.addEventListener(event, touched, { capture: true });
  void unlock();
  return () => {
    for (const event of events) window.removeEventListener(event, touched, { capture: true });
  };
}

/** Rings once, if it may. */
export function ring(): void {
  if (state === "on") chime();
}

async function unlock(): Promise<void> {
  if (!wanted) return;
  if (context === null) {
    context = new AudioContext();
    context.onstatechange = settle;
  }
  // Refused before the first touch, and where there is nothing to play on: the state says so.
  if (context.state !== "running") await context.resume().catch(() => undefined);
  settle();
}

function settle(): void {
  const next = !wanted ? "off" : context?.state === "running" ? "on" : "waits-for-click";
  if (next === state) return;
  state = next;
  for (const each of listeners) each();
}

function chime(): void {
  if (context === null) return;
  const begin = context.currentTime + 0.02;
  for (let pair = 0; pair < 3; pair++) {
    tone(context, 784, begin + pair * 0.5);
    tone(context, 1047, begin + pair * 0.5 + 0.18);
  }
}

/** One tone of 0.16 s; it swells and fades so that it does not click. */
function tone(audio: AudioContext, hertz: number, at: number): void {
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.type = "triangle";
  oscillator.frequency.value = hertz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.5, at + 0.02);
  volume.gain.linearRampToValueAtTime(0, at + 0.16);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start(at);
  oscillator.stop(at + 0.18);
}
