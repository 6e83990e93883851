import { createTheme, type MantineColorsTuple, Modal, mergeThemeOverrides, Notification, Table } from "@mantine/core";
import type { Wording } from "./wording/wording";

const TEAL: MantineColorsTuple = [
  "#e6f7f6",
  "#d0ebea",
  "#a3d6d4",
  "#72c0bd",
  "#4aaea9",
  "#2f9f9b",
  "#158983",
  "#0b6e6e",
  "#055f5e",
  "#004b4b",
];

// Mantine's, with a last shade that is dark enough to be read as text, and for text on it.
const ORANGE: MantineColorsTuple = [
  "#fff4e6",
  "#ffe8cc",
  "#ffd8a8",
  "#ffc078",
  "#ffa94d",
  "#ff922b",
  "#fd7e14",
  "#f76707",
  "#e8590c",
  "#bf3e0a",
];

// The system's own fonts, those for 中文 among them: none is loaded from elsewhere.
const FONTS =
  'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';

const theme = createTheme({
  primaryColor: "teal",
  primaryShade: { light: 7, dark: 7 },
  autoContrast: true,
  colors: { teal: TEAL, orange: ORANGE },
  fontFamily: FONTS,
  headings: { fontFamily: FONTS, fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    Notification: Notification.extend({ styles: { description: { color: "var(--mantine-color-dimmed)" } } }),
    Modal: Modal.extend({ styles: { title: { fontWeight: 650, fontSize: "1.1rem" } } }),
    // What has to be scrolled sideways can be by keyboard too.
    TableScrollContainer: Table.ScrollContainer.extend({
      defaultProps: { scrollAreaProps: { viewportProps: { tabIndex: 0 } } },
    }),
  },
});

/** The theme, with what Mantine's own parts say in a language. */
export function inWords(say: Wording["say"]): typeof theme {
  return mergeThemeOverrides(
    theme,
    createTheme({
      components: {
        Notification: Notification.extend({ defaultProps: { closeButtonProps: { "aria-label": say("toast-leave") } } }),
      },
    }),
  );
}
