/**
 * The console: a thin view of the GraphQL API, live over subscriptions. It holds no truth of its own: what is on the
 * screen is what the server said last, and when the connection is gone the frame says how old that is.
 *
 * Starting: a token in the address (the sign-in link) is exchanged for the cookie first, so that nothing asks without it.
 */
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./style.css";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { enter } from "./connection/current.ts";
import { signIn, takeTokenFromAddress } from "./session/session.ts";

const token = takeTokenFromAddress();
const signingIn = token === null ? null : await signIn(token);
const refused = signingIn?.ok === false ? signingIn.message : null;
if (refused === null) enter();

const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<App refused={refused} />);

// A sign-in link opened in a tab that shows the console already changes only the part behind `#`: begin again with it.
addEventListener("hashchange", () => {
  if (location.hash.startsWith("#token=")) location.reload();
});
