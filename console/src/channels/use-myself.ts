import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { type StaffMember, staffOf } from "../rota/use-rota";
import { useMay, useUser } from "../session/use-session";

/** How the user is reached: null for who is not told of incidents as one of the centre. */
export function useMyself(): UseQueryResult<StaffMember | null> {
  const { id } = useUser();
  const may = useMay("staff:read");
  return useQuery({
    ...staffOf(undefined),
    select: (staff) => staff.find((person) => person.id === id) ?? null,
    enabled: may,
  });
}
