import { useSyncExternalStore } from "react";
import type { components } from "../api/schema";
import { onSession, type State, session, type User } from "./session";

export type Permission = components["schemas"]["Permission"];

export function useSession(): State {
  return useSyncExternalStore(onSession, session);
}

/** Whoever is signed in. Only for what is shown to signed-in users. */
export function useUser(): User {
  const state = useSession();
  if (state.kind !== "signed-in") throw new Error("nobody is signed in");
  return state.user;
}

/** Whether the user may do that; what may not be done is not offered. */
export function useMay(permission: Permission): boolean {
  return useUser().permissions.includes(permission);
}
