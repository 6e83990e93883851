// Who is signed in. The access token is in memory only, the refresh token in sessionStorage, so that both end with the
// browser's tab. A refresh token counts once: tabs of one sign-in renew one at a time and tell each other.
import { heardTime } from "../api/clock";
import { refusal } from "../api/problem";
import type { components } from "../api/schema";

export type User = components["schemas"]["Me"];
type Token = components["schemas"]["Token"];

export type State =
  | { readonly kind: "starting" }
  | { readonly kind: "signed-out"; readonly expired: boolean }
  | { readonly kind: "signed-in"; readonly user: User };

interface Tokens {
  readonly access: string;
  readonly refresh: string;
  readonly user: User;
  /** milliseconds since the epoch by this machine's clock, which all its tabs share */
  readonly until: number;
}

type Told = { kind: "ask" } | { kind: "tokens"; tokens: Tokens } | { kind: "signed-out"; user: number };

const KEY = "kanhu.refresh";
const LOCK = "kanhu.refresh";
// A token is renewed so many milliseconds before it ends.
const EARLY = 60_000;
// How long another tab has to answer.
const PATIENCE = 400;

const channel = new BroadcastChannel("kanhu.session");
const listeners = new Set<() => void>();
let state: State = { kind: "starting" };
let tokens: Tokens | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let renewing: Promise<string | null> | undefined;

export function session(): State {
  return state;
}

export function onSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** A token that is good for a little while yet, renewed if need be; null: nobody is signed in. */
export async function accessToken(): Promise<string | null> {
  if (tokens === null) return null;
  return tokens.until - Date.now() > EARLY / 2 ? tokens.access : refreshed();
}

/** A new token. null: the sign-in is over. Throws where the API can't be reached, and the sign-in stays. */
export function refreshed(): Promise<string | null> {
  const spent = tokens?.access ?? null;
  renewing ??= alone(() => renew(spent)).finally(() => {
    renewing = undefined;
  });
  return renewing;
}

/** Sign in. Throws Refusal. */
export async function signIn(username: string, password: string): Promise<void> {
  const answer = await post("/api/v1/token", { username, password });
  const body: unknown = await answer.json().catch(() => null);
  if (!answer.ok) throw refusal(body, answer);
  keep(body as Token);
}

/** Sign out, in all tabs of this sign-in. */
export async function signOut(): Promise<void> {
  if (tokens === null) return;
  const { refresh, user } = tokens;
  end(false);
  tell({ kind: "signed-out", user: user.id });
  // Without the API the refresh token ends by itself; it is in no tab any more.
  await post("/api/v1/logout", { refresh_token: refresh }).catch(() => undefined);
}

/** Take up the sign-in of this tab, or of another one, after the page was loaded. */
export async function start(): Promise<void> {
  channel.onmessage = ({ data }: MessageEvent<Told>) => heard(data);
  if (sessionStorage.getItem(KEY) === null && !(await asked())) {
    end(false);
    return;
  }
  if (tokens !== null) return;
  for (let pause = 500; state.kind === "starting"; pause = Math.min(pause * 2, 10_000)) {
    try {
      await refreshed();
    } catch {
      // The API is away: whoever is signed in stays so, and the page waits.
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

async function renew(spent: string | null): Promise<string | null> {
  // While this tab waited for the lock another one may have done it.
  if (tokens !== null && tokens.access !== spent) return tokens.access;
  const refresh = sessionStorage.getItem(KEY);
  if (refresh === null) return null;
  const answer = await post("/api/v1/token/refresh", { refresh_token: refresh });
  if (answer.ok) {
    keep((await answer.json()) as Token);
    return tokens?.access ?? null;
  }
  if (answer.status >= 500 || answer.status === 429) throw refusal(null, answer);
  // Spent by another tab, whose word is on its way?
  if (await asked()) return tokens?.access ?? null;
  end(true);
  return null;
}

async function post(path: string, body: unknown): Promise<Response> {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  heardTime(answer.headers.get("Kanhu-Time"));
  return answer;
}

function keep(given: Token): void {
  const next: Tokens = {
    access: given.access_token,
    refresh: given.refresh_token,
    user: given.user,
    until: Date.now() + given.expires_in * 1000,
  };
  take(next);
  tell({ kind: "tokens", tokens: next });
}

function take(next: Tokens): void {
  tokens = next;
  sessionStorage.setItem(KEY, next.refresh);
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      // Not reached: the next request tries again.
      refreshed().catch(() => undefined);
    },
    Math.max(1000, next.until - Date.now() - EARLY),
  );
  change({ kind: "signed-in", user: next.user });
}

function end(expired: boolean): void {
  tokens = null;
  clearTimeout(timer);
  sessionStorage.removeItem(KEY);
  change({ kind: "signed-out", expired });
}

function change(next: State): void {
  const same = next.kind === "signed-in" && state.kind === "signed-in" && sameUser(next.user, state.user);
  if (same) return;
  state = next;
  for (const each of listeners) each();
}

function sameUser(one: User, other: User): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function tell(told: Told): void {
  channel.postMessage(told);
}

function heard(told: Told): void {
  if (told.kind === "ask") {
    if (tokens !== null) tell({ kind: "tokens", tokens });
  } else if (told.kind === "signed-out") {
    if (tokens?.user.id === told.user) end(false);
  } else if (tokens === null || (told.tokens.user.id === tokens.user.id && told.tokens.until >= tokens.until)) {
    take(told.tokens);
  }
}

/** Ask the other tabs. True: one of them has a sign-in that is newer than ours. */
async function asked(): Promise<boolean> {
  const before = tokens?.access;
  tell({ kind: "ask" });
  for (let waited = 0; waited < PATIENCE; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (tokens !== null && tokens.access !== before) return true;
  }
  return false;
}

/** One tab at a time. Without locks (a page that did not come over https) tabs can only take turns by chance. */
async function alone(work: () => Promise<string | null>): Promise<string | null> {
  return "locks" in navigator ? await navigator.locks.request(LOCK, work) : await work();
}
