import {
  IconAlertTriangle,
  IconBath,
  IconBattery1,
  IconClockX,
  IconDeviceWatchOff,
  IconDroplet,
  IconFall,
  IconFlame,
  IconGasStation,
  IconHeartbeat,
  IconHomeX,
  IconMapPin,
  IconMoon,
  IconSos,
  IconTemperature,
  IconWalk,
  IconWifiOff,
  IconWind,
  IconZzz,
} from "@tabler/icons-react";
import type { ComponentType } from "react";

type Sign = ComponentType<{ size?: number | string; "aria-hidden"?: boolean }>;

const SIGNS: Readonly<Record<string, Sign>> = {
  sos: IconSos,
  fall: IconFall,
  long_lie: IconFall,
  inactivity: IconZzz,
  night_wandering: IconMoon,
  long_in_bathroom: IconBath,
  vitals: IconHeartbeat,
  wandering: IconWalk,
  not_home: IconMapPin,
  smoke: IconFlame,
  gas: IconGasStation,
  carbon_monoxide: IconWind,
  water_leak: IconDroplet,
  home_temperature: IconTemperature,
  device_silent: IconWifiOff,
  home_silent: IconHomeX,
  battery_low: IconBattery1,
  not_worn: IconDeviceWatchOff,
  clock_wrong: IconClockX,
};

/** The sign of a kind of incident; beside the word, never in its place. */
export function signOf(kind: string): Sign {
  return SIGNS[kind] ?? IconAlertTriangle;
}
