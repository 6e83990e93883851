import { type UseQueryResult, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type Collected, collect } from "../api/all-pages";
import { api, body, idempotencyKey, type Schemas } from "../api/client";

export type Task = Schemas["Task"];
export type Plan = Schemas["Plan"];
export type PlanDetails = Schemas["PlanDetails"];
export type Outcome = Schemas["Outcome"];
export type TaskState = Task["state"];

const ENOUGH = 1_000;

export interface Which {
  states?: readonly TaskState[] | undefined;
  area?: string | undefined;
  residentId?: number | undefined;
}

/** Checks by when they are due; where only done, overdue or missed ones are asked for, the newest first. */
export function useTasks({ states, area, residentId }: Which): UseQueryResult<Collected<Task>> {
  return useQuery({
    queryKey: ["checks", "tasks", states, area, residentId],
    queryFn: ({ signal }) =>
      collect((cursor) => {
        const query = {
          limit: 200,
          ...(states ? { state: [...states] } : {}),
          ...(area ? { area } : {}),
          ...(residentId === undefined ? {} : { resident_id: residentId }),
          ...(cursor ? { cursor } : {}),
        };
        return body(api.GET("/api/v1/checks/tasks", { params: { query }, signal }));
      }, ENOUGH),
    // Checks become due and overdue by themselves.
    refetchInterval: 60_000,
  });
}

export function usePlans(which: Pick<Which, "area" | "residentId">): UseQueryResult<Collected<Plan>> {
  const { area, residentId } = which;
  return useQuery({
    queryKey: ["checks", "plans", area, residentId],
    queryFn: ({ signal }) =>
      collect((cursor) => {
        const query = {
          limit: 200,
          ...(area ? { area } : {}),
          ...(residentId === undefined ? {} : { resident_id: residentId }),
          ...(cursor ? { cursor } : {}),
        };
        return body(api.GET("/api/v1/checks/plans", { params: { query }, signal }));
      }, ENOUGH),
  });
}

/** Writes down what came of a check. */
export function useRecord() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ task, outcome, note }: { task: Task; outcome: Outcome; note: string }) =>
      body(
        api.POST("/api/v1/checks/tasks/{task_id}/done", {
          params: { path: { task_id: task.id }, header: { "idempotency-key": idempotencyKey() } },
          body: { outcome, note },
        }),
      ),
    // Somebody else may have done it: the list as it is now says so.
    onSettled: () => queries.invalidateQueries({ queryKey: ["checks"] }),
  });
}

/** Writes a plan: a new one where there is no id. */
export function useSavePlan() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, residentId, details }: { id: number | null; residentId: number; details: PlanDetails }) =>
      id === null
        ? body(
            api.POST("/api/v1/checks/plans", {
              params: { header: { "idempotency-key": idempotencyKey() } },
              body: { ...details, resident_id: residentId },
            }),
          )
        : body(api.PUT("/api/v1/checks/plans/{plan_id}", { params: { path: { plan_id: id } }, body: details })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["checks"] }),
  });
}

export function useEndPlan() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (plan: Plan) =>
      body(api.DELETE("/api/v1/checks/plans/{plan_id}", { params: { path: { plan_id: plan.id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["checks"] }),
  });
}
