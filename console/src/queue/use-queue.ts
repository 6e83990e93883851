import { type QueryClient, type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../api/client";
import type { Change } from "../live/stream";
import { useChanges, useConnection } from "../live/use-connection";
import { type Incident, merged } from "./merge";

const KEY = ["incidents", "queue"];
const PAGE = 500;

// What is told while the list is on its way may be newer than the list.
let meanwhile: Change[] = [];

async function load(signal: AbortSignal): Promise<readonly Incident[]> {
  meanwhile = [];
  const all: Incident[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await body(api.GET("/api/v1/incidents", { params: { query }, signal }));
    all.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return merged(all, meanwhile);
}

/** All incidents that are not over, the most urgent first, live. */
export function useQueue(): UseQueryResult<readonly Incident[]> {
  const { kind } = useConnection();
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }) => load(signal),
    // First the stream, then the list: nothing is missed between the two. Without a stream the list is better than
    // nothing, and is asked for again and again.
    enabled: kind !== "connecting",
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: kind === "lost" ? 15_000 : false,
  });
}

/** Puts what the live stream tells into the queue; once, in the page's frame. */
export function useLiveQueue(): void {
  const queries = useQueryClient();
  useChanges({
    changed: (changes) => {
      meanwhile.push(...changes);
      queries.setQueryData<readonly Incident[]>(KEY, (queue) => queue && merged(queue, changes));
    },
    reset: () => void queries.invalidateQueries({ queryKey: KEY }),
  });
}

/** An answer of the API tells how an incident is now, before the stream does. */
export function withIncident(queries: QueryClient, incident: Incident): void {
  const change = { id: 0, at: "", event: "", actor: "", incident };
  meanwhile.push(change);
  queries.setQueryData<readonly Incident[]>(KEY, (queue) => queue && merged(queue, [change]));
}
