/** What concerns this whole Serai, for administrators. */
import { Button } from "@mantine/core";
import type { ReactElement } from "react";
import { Link } from "wouter";
import { RegistriesPanel } from "../registries/registries-panel.tsx";
import { ForAdministrators } from "./for-administrators.tsx";
import { SigningKeysPanel } from "./signing-keys-panel.tsx";

export default function SettingsPage(): ReactElement {
  return (
    <ForAdministrators>
      <div className="stack">
        <h1>Settings</h1>
        <section className="panel" aria-labelledby="environments">
          <header>
            <h2 id="environments">Environments</h2>
            <Button component={Link} href="/settings/environments" variant="default" size="compact-md">
              Open
            </Button>
          </header>
          <p className="soft" style={{ padding: "12px 16px" }}>
            What services can run in: images with what they need, what they usually get, and how they serve a folder that has no definition.
          </p>
        </section>
        <SigningKeysPanel />
        <RegistriesPanel />
      </div>
    </ForAdministrators>
  );
}
