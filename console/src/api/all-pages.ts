interface Page<Item> {
  readonly items: readonly Item[];
  readonly next_cursor?: string | null;
}

export interface Collected<Item> {
  readonly items: readonly Item[];
  /** whether there are more than were taken */
  readonly more: boolean;
}

/** Items of page after page, until there is none or `enough` are there. */
export async function collect<Item>(
  ask: (cursor: string | undefined) => Promise<Page<Item>>,
  enough: number,
): Promise<Collected<Item>> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    items.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined && items.length < enough);
  return { items, more: cursor !== undefined };
}
