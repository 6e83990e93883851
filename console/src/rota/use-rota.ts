import { queryOptions, type UseQueryResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body, idempotencyKey, type Schemas } from "../api/client";
import { useWording } from "../wording/use-wording";

export type Shift = Schemas["Shift"];
export type Rotation = Schemas["Rotation"];
export type RotationDetails = Schemas["RotationDetails"];
export type Override = Schemas["Override"];
export type OverrideDetails = Schemas["OverrideDetails"];
export type StaffMember = Schemas["StaffMember"];
export type StoredPolicy = Schemas["StoredPolicy"];
export type PolicyDetails = Schemas["PolicyDetails"];
export type WorkingHours = Schemas["WorkingHours"];
export type Target = Schemas["Target"];

type Area = string | undefined;

function of(area: Area) {
  return area ? { area } : {};
}

/** Who works when. first, last: milliseconds. */
export function useShifts(area: Area, first: number, last: number): UseQueryResult<readonly Shift[]> {
  return useQuery({
    queryKey: ["rota", "shifts", area, first, last],
    queryFn: async ({ signal }) => {
      const query = { ...of(area), first: new Date(first).toISOString(), last: new Date(last).toISOString() };
      return (await body(api.GET("/api/v1/rota/shifts", { params: { query }, signal }))).items;
    },
  });
}

/** Who would be told of an emergency now. */
export function useOnShift(area: Area): UseQueryResult<Schemas["WouldBeTold"]> {
  return useQuery({
    queryKey: ["rota", "on-shift", area],
    queryFn: ({ signal }) => body(api.GET("/api/v1/rota/on-shift", { params: { query: of(area) }, signal })),
    refetchInterval: 30_000,
  });
}

export function useRotations(area: Area): UseQueryResult<readonly Rotation[]> {
  return useQuery({
    queryKey: ["rota", "rotations", area],
    queryFn: async ({ signal }) =>
      (await body(api.GET("/api/v1/rota/rotations", { params: { query: of(area) }, signal }))).items,
  });
}

export function useOverrides(area: Area): UseQueryResult<readonly Override[]> {
  return useQuery({
    queryKey: ["rota", "overrides", area],
    queryFn: async ({ signal }) =>
      (await body(api.GET("/api/v1/rota/overrides", { params: { query: of(area) }, signal }))).items,
  });
}

/** How the people of an area are asked for. */
export function staffOf(area: Area) {
  return queryOptions({
    queryKey: ["staff", area],
    queryFn: async ({ signal }): Promise<readonly StaffMember[]> =>
      (await body(api.GET("/api/v1/staff", { params: { query: of(area) }, signal }))).items,
    staleTime: 60_000,
  });
}

export function useStaff(area: Area): UseQueryResult<readonly StaffMember[]> {
  return useQuery(staffOf(area));
}

/** Their holes come in words. */
export function usePolicies(area: Area): UseQueryResult<readonly StoredPolicy[]> {
  const { language } = useWording();
  return useQuery({
    queryKey: ["policies", area, language],
    queryFn: async ({ signal }) => {
      const query = { ...of(area), lang: language };
      return (await body(api.GET("/api/v1/policies", { params: { query }, signal }))).items;
    },
  });
}

/** Would anybody answer now? Its reasons come in words. */
export function useCoverage(area: Area, may = true): UseQueryResult<Schemas["Coverage"]> {
  const { language } = useWording();
  return useQuery({
    queryKey: ["coverage", area, language],
    queryFn: ({ signal }) => {
      const query = { ...of(area), lang: language };
      return body(api.GET("/api/v1/coverage", { params: { query }, signal }));
    },
    enabled: may,
    refetchInterval: 30_000,
  });
}

/** Something that changes the rota; what depends on it is asked again. */
function useChange<Given>(change: (given: Given) => Promise<unknown>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSuccess: () => {
      for (const key of ["rota", "policies", "coverage"]) void queries.invalidateQueries({ queryKey: [key] });
    },
  });
}

function once() {
  return { header: { "idempotency-key": idempotencyKey() } };
}

export function useAddOverride() {
  return useChange((details: OverrideDetails) =>
    body(api.POST("/api/v1/rota/overrides", { params: once(), body: details })),
  );
}

export function useDeleteOverride() {
  return useChange((id: number) =>
    body(api.DELETE("/api/v1/rota/overrides/{override_id}", { params: { path: { override_id: id } } })),
  );
}

/** Writes a rotation: a new one where there is no id. */
export function useSaveRotation() {
  return useChange(({ id, details }: { id: number | null; details: RotationDetails }) =>
    id === null
      ? body(api.POST("/api/v1/rota/rotations", { params: once(), body: details }))
      : body(api.PUT("/api/v1/rota/rotations/{rotation_id}", { params: { path: { rotation_id: id } }, body: details })),
  );
}

export function useDeleteRotation() {
  return useChange((id: number) =>
    body(api.DELETE("/api/v1/rota/rotations/{rotation_id}", { params: { path: { rotation_id: id } } })),
  );
}

/** Writes a policy: a new one where there is no id. */
export function useSavePolicy() {
  return useChange(({ id, details }: { id: number | null; details: PolicyDetails }) =>
    id === null
      ? body(api.POST("/api/v1/policies", { params: once(), body: details }))
      : body(api.PUT("/api/v1/policies/{policy_id}", { params: { path: { policy_id: id } }, body: details })),
  );
}

export function useDeletePolicy() {
  return useChange((id: number) =>
    body(api.DELETE("/api/v1/policies/{policy_id}", { params: { path: { policy_id: id } } })),
  );
}
