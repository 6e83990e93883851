import { expect, test } from "vitest";
import { verdict } from "./verdict";

test("a target is met or missed only where the interval says so", () => {
  expect(verdict({ share: 0.99, low: 0.98, high: 0.995 }, 0.975)).toBe("met");
  expect(verdict({ share: 0.9, low: 0.85, high: 0.94 }, 0.975)).toBe("missed");
  expect(verdict({ share: 1, low: 0.6, high: 1 }, 0.975)).toBe("open");
  expect(verdict({ share: 0.97, low: 0.9, high: 0.99 }, 0.975)).toBe("open");
});

test("nothing is decided without figures or a target", () => {
  expect(verdict(null, 0.975)).toBe("none");
  expect(verdict({ share: 1, low: 1, high: 1 }, undefined)).toBe("none");
});

test("a target of all is met by all and missed by one", () => {
  expect(verdict({ share: 1, low: 0.95, high: 1 }, 1)).toBe("met");
  expect(verdict({ share: 0.99, low: 0.95, high: 1 }, 1)).toBe("missed");
});
