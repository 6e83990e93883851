import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { collect } from "../api/all-pages";
import { api, body, type Schemas } from "../api/client";
import { useChanges } from "../live/use-connection";
import { isOver } from "../queue/merge";
import { useMay } from "../session/use-session";
import { useWording } from "../wording/use-wording";

export type Detail = Schemas["IncidentDetail"];
export type Reading = Schemas["Reading"];
export type Waveform = Schemas["Waveform"];

/** Positions and receipts come without a word on the live stream. */
const AGAIN = 15_000;
/** Several changes at once are one reason to ask again. */
const TOGETHER = 150;

/** One incident with everything about it, in the language that is spoken, live. */
export function useIncident(id: number): UseQueryResult<Detail> {
  const { language } = useWording();
  const queries = useQueryClient();
  const asking = useRef<ReturnType<typeof setTimeout>>(undefined);
  const again = () => {
    clearTimeout(asking.current);
    asking.current = setTimeout(() => void queries.invalidateQueries({ queryKey: ["incident", id] }), TOGETHER);
  };
  useChanges({
    changed: (changes) => {
      const last = changes.findLast((change) => change.incident.id === id);
      if (!last) return;
      // What everybody sees at once: the state and who has it. The rest is asked for.
      queries.setQueryData<Detail>(["incident", id, language], (known) => known && { ...known, ...last.incident });
      again();
    },
    reset: again,
  });
  return useQuery({
    queryKey: ["incident", id, language],
    queryFn: ({ signal }) =>
      body(
        api.GET("/api/v1/incidents/{incident_id}", {
          params: { path: { incident_id: id }, query: { lang: language } },
          signal,
        }),
      ),
    refetchInterval: ({ state }) => (state.data && !isOver(state.data) ? AGAIN : false),
  });
}

/** So much before and after the event is shown, milliseconds. */
export const BEFORE = 6 * 3_600_000;
export const AFTER = 2 * 3_600_000;
/** of one query: eight hours of a device that sends each minute */
const ENOUGH = 4_000;

/** What devices sent around an event. event: RFC 3339. Newest first. */
export function useReadings(
  residentId: number,
  metrics: readonly string[],
  event: string,
  live: boolean,
): UseQueryResult<readonly Reading[]> {
  const may = useMay("reading:read");
  return useQuery({
    queryKey: ["resident", residentId, "readings", metrics, event],
    queryFn: async ({ signal }) => {
      const at = Date.parse(event);
      const asked = {
        metric: [...metrics],
        first: new Date(at - BEFORE).toISOString(),
        last: new Date(at + AFTER).toISOString(),
        limit: 500,
      };
      const { items } = await collect((cursor) => {
        const query = cursor === undefined ? asked : { ...asked, cursor };
        const params = { path: { resident_id: residentId }, query };
        return body(api.GET("/api/v1/residents/{resident_id}/readings", { params, signal }));
      }, ENOUGH);
      return items;
    },
    enabled: may,
    refetchInterval: live ? 60_000 : false,
  });
}

/** The acceleration around an event, oldest first. */
export function useClips(residentId: number, event: string, wanted: boolean): UseQueryResult<readonly Waveform[]> {
  const may = useMay("reading:read");
  return useQuery({
    queryKey: ["resident", residentId, "waveforms", event],
    queryFn: async ({ signal }) => {
      const at = Date.parse(event);
      const params = {
        path: { resident_id: residentId },
        query: {
          first: new Date(at - 30_000).toISOString(),
          last: new Date(at + 30_000).toISOString(),
          limit: 20,
        },
      };
      const { items } = await body(api.GET("/api/v1/residents/{resident_id}/waveforms", { params, signal }));
      return [...items].reverse();
    },
    enabled: may && wanted,
    staleTime: 60_000,
  });
}
