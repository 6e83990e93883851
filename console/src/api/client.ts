// The one way to the API: typed by its own description, signed in, telling the time.
import createClient from "openapi-fetch";
import { accessToken, refreshed } from "../session/session";
import { language } from "../wording/language";
import { heardTime } from "./clock";
import { refusal, Unreachable } from "./problem";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

/** fetch with the sign-in; a token that the API no longer takes is renewed once. Throws Unreachable. */
export async function signedFetch(request: Request): Promise<Response> {
  const again = request.clone();
  const answer = await send(request, await accessToken());
  if (answer.status !== 401) return answer;
  const token = await refreshed();
  return token === null ? answer : send(again, token);
}

async function send(request: Request, token: string | null): Promise<Response> {
  if (token !== null) request.headers.set("Authorization", `Bearer ${token}`);
  request.headers.set("Accept-Language", language());
  try {
    const answer = await fetch(request);
    heardTime(answer.headers.get("Kanhu-Time"));
    return answer;
  } catch (error) {
    if (request.signal.aborted) throw error;
    throw new Unreachable(String(error), { cause: error });
  }
}

export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: signedFetch });

interface Answer<Data> {
  data?: Data | undefined;
  error?: unknown;
  response: Response;
}

/** The body of an answer. Throws Refusal for an error, Unreachable where none came. */
export async function body<Data>(asked: Promise<Answer<Data>>): Promise<Data> {
  const answer = await asked;
  if (!answer.response.ok) throw refusal(answer.error, answer.response);
  return answer.data as Data;
}

/** Names one thing that a person did, so that a request sent twice does it once. */
export function idempotencyKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
