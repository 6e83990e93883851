import L from "leaflet";
import { useEffect, useRef } from "react";
import "leaflet/dist/leaflet.css";
import type { Zone } from "../residents/use-care-plan";
import classes from "./map.module.css";
import type { Place } from "./place";

interface Given {
  readonly home: Place | null;
  readonly position: (Place & { readonly accuracy: number | null }) | null;
  readonly zones: readonly Zone[];
  /** the tiles' address; null: a plain grid */
  readonly tiles: string | null;
  readonly attribution: string;
  readonly words: { readonly home: string; readonly person: string; readonly map: string };
}

/** Home, zones, and where the person is with how exact that is; on tiles where the installation has some. */
export function PlaceMap({ home, position, zones, tiles, attribution, words }: Given) {
  const box = useRef<HTMLDivElement>(null);
  const drawn = useRef<{ map: L.Map; things: L.LayerGroup } | null>(null);

  // What is shown is fitted into the picture only when there is something else to show: who has moved the map keeps it.
  const fitted = useRef("");

  useEffect(() => {
    if (box.current === null) return;
    const map = L.map(box.current, { attributionControl: tiles !== null, zoomControl: true, scrollWheelZoom: false });
    map.attributionControl?.setPrefix(false);
    L.control.scale({ imperial: false }).addTo(map);
    if (tiles !== null) L.tileLayer(tiles, { attribution: escaped(attribution), maxZoom: 19 }).addTo(map);
    const things = L.layerGroup().addTo(map);
    drawn.current = { map, things };
    fitted.current = "";
    const watch = new ResizeObserver(() => map.invalidateSize());
    watch.observe(box.current);
    return () => {
      watch.disconnect();
      map.remove();
      drawn.current = null;
    };
  }, [tiles, attribution]);

  useEffect(() => {
    if (drawn.current === null) return;
    const { map, things } = drawn.current;
    // A circle knows its bounds only on a map that shows something already; its centre and radius know them at once.
    const circles = [
      ...zones.map((zone) => around(zone, zone.radius)),
      ...(home ? [around(home, 60)] : []),
      ...(position ? [around(position, Math.max(position.accuracy ?? 0, 60))] : []),
    ];
    const bounds = circles.reduce((all, each) => all.extend(each), L.latLngBounds([]));
    const shape = `${tiles} ${zones.length} ${home !== null} ${position !== null}`;
    if (bounds.isValid() && fitted.current !== shape) {
      fitted.current = shape;
      map.fitBounds(bounds.pad(0.15), { maxZoom: 17, animate: false });
    }
    things.clearLayers();
    for (const zone of zones) {
      L.circle([zone.latitude, zone.longitude], {
        radius: zone.radius,
        className: zone.inside ? (classes.zone ?? "") : (classes.avoid ?? ""),
      })
        .bindTooltip(escaped(zone.name))
        .addTo(things);
    }
    if (home) {
      L.circleMarker([home.latitude, home.longitude], { radius: 8, className: classes.home ?? "" })
        .bindTooltip(escaped(words.home), { permanent: true, direction: "bottom", offset: [0, 8] })
        .addTo(things);
    }
    if (position) {
      const at: L.LatLngTuple = [position.latitude, position.longitude];
      if (position.accuracy)
        L.circle(at, { radius: position.accuracy, className: classes.accuracy ?? "" }).addTo(things);
      L.circleMarker(at, { radius: 9, className: classes.person ?? "" })
        .bindTooltip(escaped(words.person), { permanent: true, direction: "top", offset: [0, -9] })
        .addTo(things);
    }
  }, [home, position, zones, tiles, words]);

  return (
    <div ref={box} className={classes.map} role="application" aria-label={words.map} data-tiles={tiles !== null} />
  );
}

function around({ latitude, longitude }: Place, metres: number): L.LatLngBounds {
  return L.latLng(latitude, longitude).toBounds(metres * 2);
}

/** Leaflet takes HTML; names are text. */
function escaped(text: string): string {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}
