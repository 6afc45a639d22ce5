/** One field. Shown when there is no session, or when the server no longer accepts it. */
import { Button, TextInput } from "@mantine/core";
import { useState, type ReactElement } from "react";
import { Logo } from "../parts/logo.tsx";
import { signIn } from "./session.ts";

type SignInPageProps = { readonly refused: string | null; readonly onSignedIn: () => void };

export function SignInPage({ refused, onSignedIn }: SignInPageProps): ReactElement {
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState(refused);
  const [busy, setBusy] = useState(false);

  const submit = async () => {
    if (token.trim() === "") return setProblem("Enter the token.");
    setBusy(true);
    const result = await signIn(token.trim());
    setBusy(false);
    if (result.ok) onSignedIn();
    else setProblem(result.message);
  };

  return (
    <main style={{ display: "grid", placeItems: "center", minHeight: "100dvh", padding: 16 }}>
      <form
        className="panel stack"
        style={{ width: "100%", maxWidth: 400, padding: 24 }}
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <div className="line" style={{ "--gap": "12px" }}>
          <Logo />
          <h1>Sign in to Serai</h1>
        </div>
        <TextInput
          label="Token"
          type="password"
          name="token"
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={problem}
          data-autofocus
          autoFocus
        />
        <p className="soft">
          Serai prints a sign-in link when it starts. The administrator’s token is also in the file <code>admin-token</code> of its data directory,
          which is <code>.serai</code> unless <code>SERAI_DATA_DIR</code> names another.
        </p>
        <Button type="submit" loading={busy}>
          Sign in
        </Button>
      </form>
    </main>
  );
}
