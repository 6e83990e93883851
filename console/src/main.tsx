import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app";
import { listenToKeys } from "./keys/keyboard";
import { start } from "./session/session";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

listenToKeys();
void start();

createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
