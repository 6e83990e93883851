// The live stream, kept open: it comes back by itself after a loss, with the last event it has, and says since when it
// is lost. It is read with fetch where a browser's EventSource would do less: the access token stays out of the address,
// Last-Event-ID goes with every connection, and the server's heartbeat, a comment, is seen, so that a connection that
// died without a word (a sleeping laptop, a changed network) is noticed.
import { type Schemas, signedFetch } from "../api/client";
import { now } from "../api/clock";
import { eventReader } from "./events";

export type Change = Schemas["Change"];

export interface Listener {
  /** something happened to incidents; several at once where they came together */
  changed(changes: readonly Change[]): void;
  /** changes may have been missed: everything is to be loaded again */
  reset(): void;
}

export type Connection =
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  /** since: the installation's time, milliseconds */
  | { readonly kind: "lost"; readonly since: number };

/** The server sends something every 15 s; after two and a half of them it is gone. */
const SILENCE = 38_000;
/** A stream that ends in order (a new sign-in, a server that starts again) is not told as lost for so long. */
const GRACE = 2_500;
/** A page that slept longer loads everything again: its other answers are old too. */
const SLEPT = 120_000;

/** Milliseconds before the try number `attempt` (from 0) to come back: doubling to 15 s, spread by chance. */
export function backoff(attempt: number, chance: number): number {
  return Math.min(15_000, 500 * 2 ** attempt) * (0.5 + chance / 2);
}

const listeners = new Set<Listener>();
const watching = new Set<() => void>();
let connection: Connection = { kind: "connecting" };
let lastId: string | null = null;
// The installation's time when something was last heard, milliseconds: since then the page may be old.
let lastHeard = 0;
let waiting: Change[] = [];
let handing: ReturnType<typeof setTimeout> | undefined;

export function connectionNow(): Connection {
  return connection;
}

export function onConnection(watcher: () => void): () => void {
  watching.add(watcher);
  return () => watching.delete(watcher);
}

export function onChanges(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Keep the stream open until the returned function is called. */
export function keepLive(): () => void {
  const stop = new AbortController();
  lastId = null;
  lastHeard = now();
  tell({ kind: "connecting" });
  void keep(stop.signal);
  return () => stop.abort();
}

async function keep(stop: AbortSignal): Promise<void> {
  let attempt = 0;
  while (!stop.aborted) {
    const lost = setTimeout(() => tellLost(), GRACE);
    const began = await open(stop, () => {
      clearTimeout(lost);
      attempt = 0;
    });
    clearTimeout(lost);
    if (stop.aborted) return;
    if (!began) tellLost();
    await pause(backoff(attempt++, Math.random()), stop);
  }
}

/** One connection, until it ends. Whether it had begun. */
async function open(stop: AbortSignal, begun: () => void): Promise<boolean> {
  const cut = new AbortController();
  const leave = () => cut.abort();
  stop.addEventListener("abort", leave);
  const watch = watchSilence(leave);
  let ready = false;
  try {
    const headers: Record<string, string> = { Accept: "text/event-stream" };
    if (lastId !== null) headers["Last-Event-ID"] = lastId;
    const address = new URL("/api/v1/incidents/live", window.location.origin);
    const answer = await signedFetch(new Request(address, { headers, signal: cut.signal, cache: "no-store" }));
    if (!answer.ok || answer.body === null) return false;
    const read = eventReader();
    const pieces = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await pieces.read();
      if (done) return ready;
      watch.heard();
      lastHeard = now();
      for (const event of read(value)) {
        if (event.event === "ready") {
          ready = true;
          begun();
          // The first time there is nothing to be missed: pages load when it is live.
          if (lastId === null) reset();
          tell({ kind: "live" });
        } else if (event.event === "incident") {
          hand(JSON.parse(event.data) as Change);
        } else if (event.event === "reset") {
          reset();
        }
        if (event.id !== null) lastId = event.id;
      }
    }
  } catch {
    // A broken connection has no more to say than that it is broken.
    return ready;
  } finally {
    watch.end();
    stop.removeEventListener("abort", leave);
    cut.abort();
  }
}

/** Calls `gone` when nothing was heard for too long, or the page slept. */
function watchSilence(gone: () => void): { heard(): void; end(): void } {
  let last = Date.now();
  let looked = Date.now();
  const timer = setInterval(() => {
    const at = Date.now();
    if (at - looked > SLEPT) {
      lastId = null;
      gone();
    } else if (at - last > SILENCE) {
      gone();
    }
    looked = at;
  }, 5_000);
  const online = () => {
    if (!navigator.onLine) gone();
  };
  window.addEventListener("offline", online);
  return {
    heard: () => {
      last = Date.now();
    },
    end: () => {
      clearInterval(timer);
      window.removeEventListener("offline", online);
    },
  };
}

// Changes that come together are shown together: a burst costs one drawing, not one each.
function hand(change: Change): void {
  waiting.push(change);
  if (handing !== undefined) return;
  handing = setTimeout(() => {
    handing = undefined;
    const changes = waiting;
    waiting = [];
    for (const each of listeners) each.changed(changes);
  }, 100);
}

function reset(): void {
  for (const each of listeners) each.reset();
}

function tellLost(): void {
  if (connection.kind !== "lost") tell({ kind: "lost", since: lastHeard });
}

function tell(next: Connection): void {
  if (next.kind === connection.kind) return;
  connection = next;
  for (const each of watching) each();
}

/** Waits; the network's return or the page's ends it early. */
function pause(milliseconds: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      document.removeEventListener("visibilitychange", end);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    window.addEventListener("online", end);
    document.addEventListener("visibilitychange", end);
    stop.addEventListener("abort", end);
  });
}
