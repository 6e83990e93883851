import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { api, body, type Schemas } from "../api/client";
import { useMay } from "../session/use-session";

export type Resident = Schemas["Resident"];
export type Contact = Schemas["Contacts"]["items"][number];
export type Seen = Schemas["Seen"];
export type Hour = Schemas["Hour"];

function path(id: number) {
  return { path: { resident_id: id } };
}

export function useResident(id: number): UseQueryResult<Resident> {
  return useQuery({
    queryKey: ["resident", id],
    queryFn: ({ signal }) => body(api.GET("/api/v1/residents/{resident_id}", { params: path(id), signal })),
  });
}

export function useHousehold(id: number): UseQueryResult<Schemas["Household"]> {
  const may = useMay("household:read");
  return useQuery({
    queryKey: ["household", id],
    queryFn: ({ signal }) =>
      body(api.GET("/api/v1/households/{household_id}", { params: { path: { household_id: id } }, signal })),
    enabled: may,
  });
}

export function useContacts(id: number, may = true): UseQueryResult<readonly Contact[]> {
  return useQuery({
    queryKey: ["resident", id, "contacts"],
    queryFn: async ({ signal }) =>
      (await body(api.GET("/api/v1/residents/{resident_id}/contacts", { params: path(id), signal }))).items,
    enabled: may,
  });
}

/** When the devices were last heard of. */
export function useLastSeen(id: number): UseQueryResult<readonly Seen[]> {
  return useQuery({
    queryKey: ["resident", id, "last-seen"],
    queryFn: async ({ signal }) =>
      (await body(api.GET("/api/v1/residents/{resident_id}/last-seen", { params: path(id), signal }))).items,
    refetchInterval: 60_000,
  });
}

/** Those out of use, the newest first. */
export function useRetired(id: number): UseQueryResult<readonly Schemas["Device"][]> {
  return useQuery({
    queryKey: ["resident", id, "retired"],
    queryFn: async ({ signal }) => {
      const query = { resident_id: id, retired: true, limit: 500 };
      const { items } = await body(api.GET("/api/v1/devices", { params: { query }, signal }));
      return items
        .filter((device) => device.retired_at !== null)
        .sort((one, other) => (other.retired_at ?? "").localeCompare(one.retired_at ?? ""));
    },
  });
}

/** The newest value of each metric. */
export function useLatest(id: number): UseQueryResult<readonly Schemas["Reading"][]> {
  return useQuery({
    queryKey: ["resident", id, "latest"],
    queryFn: async ({ signal }) =>
      (await body(api.GET("/api/v1/residents/{resident_id}/readings/latest", { params: path(id), signal }))).items,
    refetchInterval: 60_000,
  });
}

/** Hourly figures of the days up to now. first, last: RFC 3339. */
export function useHours(
  id: number,
  metrics: readonly string[],
  days: number,
  now: () => number,
): UseQueryResult<readonly Hour[]> {
  return useQuery({
    queryKey: ["resident", id, "hours", metrics, days],
    queryFn: async ({ signal }) => {
      const last = now();
      const query = {
        metric: [...metrics],
        first: new Date(last - days * 86_400_000).toISOString(),
        last: new Date(last).toISOString(),
      };
      const asked = api.GET("/api/v1/residents/{resident_id}/readings/hourly", {
        params: { ...path(id), query },
        signal,
      });
      return (await body(asked)).items;
    },
    refetchInterval: 300_000,
  });
}

/** Incidents of one resident, over or not, the newest first. */
export function useHistory(id: number): UseQueryResult<readonly Schemas["Incident"][]> {
  return useQuery({
    queryKey: ["resident", id, "incidents"],
    queryFn: async ({ signal }) => {
      const query = { resident_id: id, limit: 50 };
      return (await body(api.GET("/api/v1/incidents/history", { params: { query }, signal }))).items;
    },
  });
}
