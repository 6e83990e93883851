import { expect, test } from "vitest";
import { wordingOf } from "../wording/wording";
import { type Delivery, standingOf } from "./deliveries";

const NOW = Date.parse("2026-03-01T08:10:00Z");
const MOMENT = "2026-03-01T08:00:00Z";

function said(given: Partial<Delivery>): [string, string] {
  const delivery: Delivery = {
    id: 1,
    contact_id: 12,
    user_id: null,
    recipient: "王静",
    relation: "女儿",
    channel: "sms",
    step: 0,
    round: 0,
    state: "queued",
    created_at: MOMENT,
    sent_at: null,
    delivered_at: null,
    confirmed_at: null,
    failed_at: null,
    error: null,
    attempts: 0,
    next_attempt_at: null,
    failover_at: null,
    ...given,
  };
  const standing = standingOf(delivery);
  return [standing.tone, standing.said(wordingOf("en"), NOW)];
}

test("sent is not delivered, delivered is not confirmed", () => {
  const sent = said({ state: "sent", sent_at: MOMENT });
  expect(sent[0]).toBe("plain");
  expect(sent[1]).toMatch(/not known whether it has arrived/);
  const delivered = said({ state: "delivered", sent_at: MOMENT, delivered_at: MOMENT });
  expect(delivered[0]).toBe("plain");
  expect(delivered[1]).toMatch(/not confirmed/);
  expect(said({ state: "confirmed", sent_at: MOMENT, delivered_at: MOMENT, confirmed_at: MOMENT })[0]).toBe("good");
});

test("failed for good and failed for now are told apart, with the reason", () => {
  expect(said({ state: "failed", failed_at: MOMENT, error: "no such number" })).toEqual([
    "trouble",
    expect.stringMatching(/no such number/),
  ]);
  const failing = said({ error: "the provider is down", attempts: 2, next_attempt_at: MOMENT });
  expect(failing[0]).toBe("trouble");
  expect(failing[1]).toMatch(/the provider is down.*again/);
});

test("one that waits says no more than that", () => {
  expect(said({})).toEqual(["plain", expect.stringMatching(/about to be sent/)]);
});
