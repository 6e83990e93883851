// Every page there is. The navigation, the `g` keys and the router are made from these lists: add a page here.
import {
  IconCalendarWeek,
  IconChartBar,
  IconDeviceWatch,
  IconHeartHandshake,
  IconListCheck,
  IconShieldCheck,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import type { Permission } from "./session/use-session";

export interface Screen {
  readonly path: string;
  /** a module that exports the page as `Page`; it is loaded when somebody goes there */
  readonly load: () => Promise<{ Page: ComponentType }>;
}

export interface PageInNavigation extends Screen {
  /** name of the message with its title */
  readonly wording: string;
  /** `g` and this key lead there */
  readonly go: string;
  readonly icon: ComponentType<{ size?: number }>;
  /** who does not have it sees no link */
  readonly permission: Permission;
}

export const NAVIGATION: readonly PageInNavigation[] = [
  {
    path: "/",
    wording: "queue-title",
    go: "q",
    icon: IconListCheck,
    permission: "incident:read",
    load: () => import("./queue/queue-page"),
  },
  {
    path: "/board",
    wording: "board-title",
    go: "b",
    icon: IconShieldCheck,
    permission: "resident:read",
    load: () => import("./board/board-page"),
  },
  {
    path: "/devices",
    wording: "devices-title",
    go: "d",
    icon: IconDeviceWatch,
    permission: "device:read",
    load: () => import("./devices/devices-page"),
  },
  {
    path: "/checks",
    wording: "checks-title",
    go: "k",
    icon: IconHeartHandshake,
    permission: "check:read",
    load: () => import("./checks/checks-page"),
  },
  {
    path: "/rota",
    wording: "rota-title",
    go: "r",
    icon: IconCalendarWeek,
    permission: "rota:read",
    load: () => import("./rota/rota-page"),
  },
  {
    path: "/figures",
    wording: "figures-title",
    go: "f",
    icon: IconChartBar,
    permission: "figure:read",
    load: () => import("./figures/figures-page"),
  },
];

/** Pages that are reached from others. */
export const FURTHER: readonly Screen[] = [
  { path: "/incidents/:id", load: () => import("./incident/incident-page") },
  { path: "/residents/:id", load: () => import("./residents/resident-page") },
  { path: "/channels", load: () => import("./channels/my-channels-page") },
];
