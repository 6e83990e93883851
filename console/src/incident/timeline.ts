// The audit trail in words.
import type { Schemas } from "../api/client";
import type { Wording } from "../wording/use-wording";

export type Event = Schemas["Event"];
export type Tone = "alarm" | "work" | "message" | "good" | "trouble" | "plain";

export interface Line {
  readonly id: number;
  readonly event: string;
  readonly at: string;
  readonly tone: Tone;
  /** who did it; "" where the text says it, or nobody in particular did */
  readonly who: string;
  readonly text: string;
  /** in a person's own words */
  readonly note: string;
}

/** The names behind `contact:12` and `user:7`. */
export type Names = ReadonlyMap<string, string>;

const TONES: Readonly<Record<string, Tone>> = {
  raise: "alarm",
  open: "alarm",
  attach: "alarm",
  reopen: "alarm",
  lapse: "trouble",
  exhaust: "trouble",
  unreachable: "trouble",
  claim: "work",
  renew: "plain",
  release: "work",
  hand_over: "work",
  call: "work",
  contact: "good",
  dispatch: "work",
  arrive: "good",
  close: "good",
  confirm: "good",
  clear: "good",
  cancel: "good",
  escalate: "message",
  adjust: "alarm",
};

/** One line of the trail. names: of everybody who may be spoken of. */
export function lineOf(event: Event, names: Names, wording: Wording): Line {
  const { say } = wording;
  return {
    id: event.id,
    event: event.event,
    at: event.at,
    tone: TONES[event.event] ?? "plain",
    who: whoOf(event, names, wording),
    text: say(`event-${event.event}`, argumentsOf(event, names, wording)),
    note: noteOf(event),
  };
}

/** All that an `event-…` message may name; what this event does not have is "none", which the messages select by. */
function argumentsOf(event: Event, names: Names, wording: Wording): Record<string, string | number> {
  const { sayOr } = wording;
  const { detail } = event;
  const kind = text(detail.kind);
  const outcome = text(detail.outcome);
  const code = text(detail.code);
  const answer = text(detail.answer);
  const list = new Intl.ListFormat(wording.language, { style: "long", type: "conjunction" });
  const targets = Array.isArray(detail.targets) ? detail.targets.map(String) : [];
  const said: Record<string, string> = {
    kind: kind && sayOr(`kind-${kind}`, kind),
    targets: list.format(targets.map((target) => sayOr(`target-${target}`, target))),
    called: calledOf(detail, names, wording),
    outcome: outcome && sayOr(`call-${outcome}`, outcome),
    resource: text(detail.resource),
    code: code && sayOr(`closure-${code}`, code),
    answer: answer && sayOr(`answer-${answer}`, answer),
    to: typeof detail.to === "number" ? (names.get(`user:${detail.to}`) ?? `#${detail.to}`) : "",
    who: typeof detail.who === "string" ? (names.get(detail.who) ?? actorOf(detail.who, wording)) : "",
    held: typeof detail.held_by === "string" ? (names.get(detail.held_by) ?? actorOf(detail.held_by, wording)) : "",
    file: text(detail.name),
    reason: reasonOf(detail, wording),
  };
  return {
    ...Object.fromEntries(Object.entries(said).map(([name, value]) => [name, value || "none"])),
    late: number(detail.late_s) >= 60 ? Math.round(number(detail.late_s) / 60) : 0,
    told: Array.isArray(detail.deliveries) ? detail.deliveries.length : 0,
    other: number(detail.into) || number(detail.from),
  };
}

function whoOf(event: Event, names: Names, wording: Wording): string {
  return event.actor_name ?? names.get(event.actor) ?? actorOf(event.actor, wording);
}

/** Somebody without a name: `detector:fall`, `timer`, `wearer`. */
function actorOf(actor: string, { sayOr }: Wording): string {
  return sayOr(`actor-${actor.split(":")[0]}`, actor);
}

function calledOf(detail: Event["detail"], names: Names, { sayOr }: Wording): string {
  const named = typeof detail.contact === "number" ? names.get(`contact:${detail.contact}`) : undefined;
  const who = text(detail.who);
  return named ?? (who && sayOr(`called-${who}`, who));
}

function reasonOf(detail: Event["detail"], { language }: Wording): string {
  const said = detail.text;
  if (typeof said === "object" && said !== null && language in said) {
    return text((said as Record<string, unknown>)[language]);
  }
  return text(detail.error);
}

function noteOf({ detail, event }: Event): string {
  if (event === "note") return text(detail.text);
  return text(detail.note);
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

export interface Group {
  readonly line: Line;
  /** how many like it follow at once and are not shown */
  readonly more: number;
}

// Nobody reads each of them: what counts is that it goes on.
const REPEATED: ReadonlySet<string> = new Set(["escalate", "renew"]);

/** Newest first; escalation steps in a row, and kept claims, are one line. */
export function grouped(lines: readonly Line[]): Group[] {
  const groups: { line: Line; more: number }[] = [];
  for (const line of lines.toReversed()) {
    const last = groups.at(-1);
    const repeats = last && last.line.event === line.event && last.line.who === line.who && REPEATED.has(line.event);
    if (repeats) last.more++;
    else groups.push({ line, more: 0 });
  }
  return groups;
}
