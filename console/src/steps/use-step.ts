import { notifications } from "@mantine/notifications";
import { type UseMutationResult, useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { idempotencyKey } from "../api/client";
import { Refusal, Unreachable } from "../api/problem";
import { failureText } from "../layout/failure";
import { clockTime } from "../layout/moments";
import { withIncident } from "../queue/use-queue";
import { useWording, type Wording } from "../wording/use-wording";
import { type Incident, type Step, take } from "./steps";

interface Asked {
  readonly incident: number;
  readonly step: Step;
  readonly key: string;
}

export interface Stepping {
  /** Do it; resolves to whether it was done. What went wrong is told. */
  readonly step: (incident: number, step: Step) => Promise<boolean>;
  /** the step that is on its way */
  readonly busy: Step["kind"] | null;
}

/** Does steps of work, shows what came of them at once, and says what was refused. */
export function useStep(): Stepping {
  const queries = useQueryClient();
  const wording = useWording();
  const doing: UseMutationResult<Incident, Error, Asked> = useMutation({
    mutationFn: ({ incident, step, key }: Asked) => take(incident, step, key),
    // The same key: what arrived the first time is not done twice.
    retry: (failures, error) => error instanceof Unreachable && failures < 2,
    onSuccess: (after) => withIncident(queries, after),
    onError: (error) => {
      notifications.show({
        color: "red",
        title: wording.say("step-refused"),
        message: refusalText(error, wording),
        autoClose: 10_000,
      });
    },
    onSettled: (_after, _error, { incident }) => queries.invalidateQueries({ queryKey: ["incident", incident] }),
  });
  const { mutateAsync } = doing;
  const step = useCallback(
    async (incident: number, wanted: Step) => {
      try {
        await mutateAsync({ incident, step: wanted, key: idempotencyKey() });
        return true;
      } catch {
        // It has been told by onError.
        return false;
      }
    },
    [mutateAsync],
  );
  return {
    step,
    busy: doing.isPending ? doing.variables.step.kind : null,
  };
}

/** A refusal in words; who has it and since when, where somebody was faster. */
export function refusalText(error: unknown, wording: Wording): string {
  if (error instanceof Refusal && error.slug === "incident-held") {
    const { claimed_by: holder, claimed_at: since } = error.problem;
    const name = typeof holder === "object" && holder !== null && "name" in holder ? String(holder.name) : "";
    if (name && typeof since === "string") {
      return wording.say("step-held", { name, time: clockTime(since, wording.language) });
    }
  }
  if (error instanceof Refusal && error.slug === "wrong-state") {
    const state = String(error.problem.state);
    return wording.say("step-wrong-state", { state: wording.sayOr(`state-${state}`, state) });
  }
  return failureText(error, wording);
}
