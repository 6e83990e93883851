import { expect, test } from "vitest";
import { Refusal } from "../api/problem";
import { placeAfter, wrongFields } from "./wrong-channel";

function refused(type: string, ...errors: { location: string; field: string }[]): Refusal {
  return new Refusal({
    type: `urn:kanhu:problem:${type}`,
    title: "The request has wrong fields",
    status: 422,
    detail: "",
    errors: errors.map((each) => ({ ...each, pointer: null, detail: "" })),
    correlation_id: "",
  });
}

test("what does not fit the kind is the address", () => {
  expect([...wrongFields(refused("wrong-fields", { location: "body", field: "" }))]).toEqual(["address"]);
  expect([...wrongFields(refused("wrong-fields", { location: "body", field: "address" }))]).toEqual(["address"]);
});

test("a secret that is missing or short is the secret", () => {
  expect([...wrongFields(refused("wrong-fields", { location: "body", field: "secret" }))]).toEqual(["secret"]);
});

test("what is wrong with something else is not said of a field", () => {
  expect(wrongFields(refused("wrong-fields", { location: "path", field: "" })).size).toBe(0);
  expect(wrongFields(refused("wrong-fields", { location: "body", field: "call_order" })).size).toBe(0);
  expect(wrongFields(refused("not-found", { location: "body", field: "address" })).size).toBe(0);
  expect(wrongFields(new TypeError("no network")).size).toBe(0);
});

test("one more channel comes last", () => {
  expect(placeAfter([])).toBe(1);
  expect(placeAfter([{ call_order: 4 }, { call_order: 2 }])).toBe(5);
  expect(placeAfter([{ call_order: 99 }])).toBe(99);
});
