import { expect, test } from "vitest";
import { eventReader } from "./events";

const STREAM =
  'event: ready\r\ndata: {}\r\nid: 7\r\n\r\n: ping\r\n\r\nevent: incident\r\nid: 8\r\ndata: {"id":8}\r\n\r\n';

test("events, ids and comments", () => {
  expect(eventReader()(STREAM)).toEqual([
    { event: "ready", data: "{}", id: "7" },
    { event: "incident", data: '{"id":8}', id: "8" },
  ]);
});

test("cut at any place it reads the same", () => {
  const whole = eventReader()(STREAM);
  for (let cut = 0; cut <= STREAM.length; cut++) {
    const read = eventReader();
    expect([...read(STREAM.slice(0, cut)), ...read(STREAM.slice(cut))]).toEqual(whole);
  }
});

test("an event without an id keeps the last one; several lines of data are one text", () => {
  expect(eventReader()("id: 3\ndata: a\n\nevent: reset\ndata: b\ndata: c\n\n")).toEqual([
    { event: "message", data: "a", id: "3" },
    { event: "reset", data: "b\nc", id: "3" },
  ]);
});
