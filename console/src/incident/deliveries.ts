// How far a message has come, honestly: only a person's own act confirms.
import type { Schemas } from "../api/client";
import { when } from "../layout/moments";
import type { Wording } from "../wording/wording";

export type Delivery = Schemas["Delivery"];

export interface Standing {
  readonly tone: "good" | "trouble" | "plain";
  /** in words; now: the installation's time, milliseconds */
  readonly said: (wording: Wording, now: number) => string;
}

/** Where a message stands. */
export function standingOf(delivery: Delivery): Standing {
  const time = (moment: string | null, wording: Wording, now: number) =>
    moment === null ? "" : when(moment, now, wording.language);
  const error = delivery.error ?? "";
  if (delivery.confirmed_at !== null) {
    return {
      tone: "good",
      said: (wording, now) => wording.say("told-confirmed", { time: time(delivery.confirmed_at, wording, now) }),
    };
  }
  if (delivery.state === "failed" || delivery.failed_at !== null) {
    return {
      tone: "trouble",
      said: (wording, now) => wording.say("told-failed", { time: time(delivery.failed_at, wording, now), error }),
    };
  }
  if (delivery.delivered_at !== null) {
    return {
      tone: "plain",
      said: (wording, now) => wording.say("told-delivered", { time: time(delivery.delivered_at, wording, now) }),
    };
  }
  if (delivery.sent_at !== null) {
    return {
      tone: "plain",
      said: (wording, now) => wording.say("told-sent", { time: time(delivery.sent_at, wording, now) }),
    };
  }
  if (error) {
    return {
      tone: "trouble",
      said: (wording, now) =>
        wording.say("told-failing", {
          attempts: delivery.attempts,
          error,
          time: time(delivery.next_attempt_at, wording, now),
        }),
    };
  }
  return { tone: "plain", said: (wording) => wording.say("told-queued") };
}
