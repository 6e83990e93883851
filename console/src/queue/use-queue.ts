import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { api, body } from "../api/client";
import type { Change } from "../live/stream";
import { useChanges, useConnection } from "../live/use-connection";
import { type Incident, merged } from "./merge";

const KEY = ["incidents", "queue"];
const PAGE = 500;

async function load(signal: AbortSignal): Promise<readonly Incident[]> {
  const all: Incident[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await body(api.GET("/api/v1/incidents", { params: { query }, signal }));
    all.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** All incidents that are not over, the most urgent first, live. */
export function useQueue(): UseQueryResult<readonly Incident[]> {
  const connection = useConnection();
  const queries = useQueryClient();
  // What is told while the list is on its way may be newer than the list.
  const meanwhile = useRef<Change[]>([]);
  const result = useQuery({
    queryKey: KEY,
    queryFn: async ({ signal }) => {
      meanwhile.current = [];
      const loaded = await load(signal);
      return merged(loaded, meanwhile.current);
    },
    // First the stream, then the list: nothing is missed between the two. Without a stream the list is better than nothing.
    enabled: connection.kind !== "connecting",
    staleTime: Number.POSITIVE_INFINITY,
    // Without the stream the list is asked for again and again.
    refetchInterval: connection.kind === "lost" ? 15_000 : false,
  });
  useChanges({
    changed: (changes) => {
      meanwhile.current.push(...changes);
      queries.setQueryData<readonly Incident[]>(KEY, (queue) => queue && merged(queue, changes));
    },
    reset: () => void queries.invalidateQueries({ queryKey: KEY }),
  });
  return result;
}
