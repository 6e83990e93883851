import { NativeSelect } from "@mantine/core";
import { useSearchParams } from "react-router";
import { useWording } from "../wording/use-wording";
import { useAreas } from "./use-areas";

/** Which area a page shows: in its address (`?area=`), so that it can be kept and passed on. undefined: all of mine. */
export function useChosenArea(): string | undefined {
  const [search] = useSearchParams();
  return search.get("area") ?? undefined;
}

/** Chooses the area; nothing where there is only one. */
export function AreaSelect() {
  const { say } = useWording();
  const areas = useAreas();
  const chosen = useChosenArea();
  const [, setSearch] = useSearchParams();
  const all = areas.data ?? [];
  if (all.length < 2) return null;
  const top = Math.min(...all.map((area) => depth(area.path)));
  return (
    <NativeSelect
      label={say("area")}
      value={chosen ?? ""}
      onChange={(event) => {
        const { value } = event.currentTarget;
        setSearch(
          (search) => {
            if (value === "") search.delete("area");
            else search.set("area", value);
            return search;
          },
          { replace: true },
        );
      }}
      data={[
        { value: "", label: say("area-all") },
        ...all.map((area) => ({ value: area.code, label: "\u2003".repeat(depth(area.path) - top) + area.name })),
      ]}
    />
  );
}

function depth(path: string): number {
  return path.split("/").length;
}
