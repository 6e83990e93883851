import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"] & Readonly<Record<string, unknown>>;

/** The API's refusal, as a problem detail (RFC 9457). */
export class Refusal extends Error {
  readonly problem: Problem;
  /** seconds after which it may be tried again, where the API says so */
  readonly retryAfter: number;

  constructor(problem: Problem, retryAfter = 0) {
    super(problem.detail);
    this.problem = problem;
    this.retryAfter = retryAfter;
  }

  get status(): number {
    return this.problem.status;
  }

  /** `incident-held` of `urn:kanhu:problem:incident-held` */
  get slug(): string {
    return this.problem.type.split(":").at(-1) ?? "";
  }
}

/** No answer came: the network, or the API, is away. */
export class Unreachable extends Error {}

/** Whether trying again by itself makes sense: not where the API has said no. */
export function mayPass(error: unknown): boolean {
  return !(error instanceof Refusal) || error.status >= 500 || error.status === 429;
}

function isProblem(body: unknown): body is Problem {
  return typeof body === "object" && body !== null && "status" in body && "type" in body && "detail" in body;
}

/** An error answer as a refusal; a proxy in between may answer with something else than the API does. */
export function refusal(body: unknown, answer: Response): Refusal {
  const { status } = answer;
  const seconds = Number(answer.headers.get("Retry-After") ?? 0) || 0;
  if (isProblem(body)) return new Refusal(body, seconds);
  const words = { title: String(status), detail: `HTTP ${status}` };
  return new Refusal({ type: "about:blank", ...words, status, errors: null, correlation_id: "" }, seconds);
}
