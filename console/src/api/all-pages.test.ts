import { expect, test } from "vitest";
import { collect } from "./all-pages";

function pages(sizes: readonly number[]) {
  const asked: (string | undefined)[] = [];
  async function ask(cursor: string | undefined) {
    asked.push(cursor);
    const at = Number(cursor ?? 0);
    return {
      items: Array.from({ length: sizes[at] ?? 0 }, (_, n) => at * 10 + n),
      next_cursor: sizes[at + 1] === undefined ? null : String(at + 1),
    };
  }
  return { ask, asked };
}

test("all pages, in order", async () => {
  const { ask, asked } = pages([2, 2, 1]);
  expect(await collect(ask, 100)).toEqual({ items: [0, 1, 10, 11, 20], more: false });
  expect(asked).toEqual([undefined, "1", "2"]);
});

test("no more than enough, and it says so", async () => {
  const { ask, asked } = pages([2, 2, 1]);
  expect(await collect(ask, 3)).toEqual({ items: [0, 1, 10, 11], more: true });
  expect(asked.length).toBe(2);
});

test("nothing", async () => {
  expect(await collect(pages([0]).ask, 5)).toEqual({ items: [], more: false });
});
