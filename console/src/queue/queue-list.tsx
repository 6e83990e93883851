import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual";
import { type RefCallback, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Area } from "../areas/use-areas";
import type { Incident } from "./merge";
import classes from "./queue-list.module.css";
import { QueueRow } from "./queue-row";

interface List {
  readonly incidents: readonly Incident[];
  readonly areas: readonly Area[];
  readonly user: number;
  readonly fresh: readonly Incident[];
  readonly selected: number | null;
  readonly mayWork: boolean;
  readonly busy: number | null;
  readonly label: string;
  readonly onClaim: (incident: Incident) => void;
  readonly onSelect: (id: number) => void;
  /** goes up when the selected row is to be shown and get the focus */
  readonly moved: number;
}

/** The rows: only those in sight are drawn, so that hundreds cost no more than a screenful. */
export function QueueList(list: List) {
  const { incidents, selected, moved } = list;
  const top = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const place = () => setOffset(top.current ? top.current.getBoundingClientRect().top + window.scrollY : 0);
    place();
    const watch = new ResizeObserver(place);
    if (top.current?.parentElement) watch.observe(top.current.parentElement);
    watch.observe(document.body);
    return () => watch.disconnect();
  }, []);
  const names = useMemo(() => new Map(list.areas.map((area) => [area.code, area.name])), [list.areas]);
  const freshIds = useMemo(() => new Set(list.fresh.map((incident) => incident.id)), [list.fresh]);
  const place = incidents.findIndex((incident) => incident.id === selected);

  const rows = useWindowVirtualizer({
    count: incidents.length,
    estimateSize: () => 66,
    overscan: 6,
    scrollMargin: offset,
    // The page's head covers so much.
    scrollPaddingStart: 72,
    scrollPaddingEnd: 16,
    getItemKey: (index) => incidents[index]?.id ?? index,
    // The selected row stays drawn: it has the focus.
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return place < 0 || shown.includes(place) ? shown : [...shown, place].sort((one, other) => one - other);
    },
  });

  const focused = useRef<HTMLAnchorElement>(null);
  const wanted = useRef(0);
  const focusSelected: RefCallback<HTMLAnchorElement> = useCallback((link) => {
    focused.current = link;
    if (link && wanted.current > 0) {
      wanted.current = 0;
      link.focus({ preventScroll: true });
    }
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only when the selection was moved, not when rows change
  useEffect(() => {
    if (moved === 0 || place < 0) return;
    rows.scrollToIndex(place, { align: "auto" });
    if (focused.current) focused.current.focus({ preventScroll: true });
    else wanted.current = moved;
  }, [moved]);

  return (
    <ul ref={top} className={classes.list} aria-label={list.label} style={{ height: rows.getTotalSize() }}>
      {rows.getVirtualItems().map((item) => {
        const incident = incidents[item.index];
        if (!incident) return null;
        const mine = incident.claimed_by?.id === list.user;
        return (
          <li
            key={item.key}
            data-index={item.index}
            data-incident={incident.id}
            ref={rows.measureElement}
            className={classes.item}
            aria-setsize={incidents.length}
            aria-posinset={item.index + 1}
            style={{ transform: `translateY(${item.start - offset}px)` }}
          >
            <QueueRow
              incident={incident}
              areaName={names.get(incident.area) ?? ""}
              mine={mine}
              fresh={freshIds.has(incident.id)}
              selected={incident.id === selected}
              claimable={list.mayWork && incident.state === "open"}
              busy={list.busy === incident.id}
              onClaim={list.onClaim}
              onSelect={list.onSelect}
              linkRef={incident.id === selected ? focusSelected : undefined}
            />
          </li>
        );
      })}
    </ul>
  );
}
