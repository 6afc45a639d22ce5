/** Signed in or not; when signed in, one connection for as long as it lasts. */
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { Suspense, type ReactElement } from "react";
import { Provider } from "urql";
import { Redirect, Route, Switch } from "wouter";
import { enter, leave, useConnection } from "./connection/current.ts";
import { useReading } from "./connection/operations.ts";
import { ViewerDocument } from "./gql/graphql.ts";
import { ClusterPage } from "./pages/cluster/cluster-page.tsx";
import { FoldersPage } from "./pages/folders/folders-page.tsx";
import { ServicePage } from "./pages/service/service-page.tsx";
import { ServicesPage } from "./pages/services/services-page.tsx";
import { ServiceListProvider } from "./pages/services/use-service-list.tsx";
import { Blank } from "./parts/blank.tsx";
import { Waiting } from "./parts/waiting.tsx";
import { Frame } from "./parts/frame.tsx";
import { lazyPart } from "./parts/lazy-part.tsx";
import { SignInPage } from "./session/sign-in-page.tsx";
import { signOut } from "./session/session.ts";
import { cssVariables, theme } from "./theme.ts";
import { TrayHost } from "./uploads/tray-host.tsx";

const ExplorerPage = lazyPart(() => import("./pages/folders/explorer-page.tsx"));
const EnvironmentsPage = lazyPart(() => import("./pages/environments/environments-page.tsx"));
const SettingsPage = lazyPart(() => import("./pages/settings/settings-page.tsx"));
const EditPage = lazyPart(() => import("./pages/edit/edit-page.tsx"));

/** `refused`: why the sign-in link did not work. */
export function App({ refused }: { readonly refused: string | null }): ReactElement {
  const connection = useConnection();
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" autoClose={5000} limit={5} />
      <TrayHost />
      {connection === null ? (
        <SignInPage refused={refused} onSignedIn={enter} />
      ) : (
        <Provider value={connection.client}>
          <Pages onSignOut={() => void signOut().then(leave)} />
        </Provider>
      )}
    </MantineProvider>
  );
}

function Pages({ onSignOut }: { readonly onSignOut: () => void }): ReactElement | null {
  const { data, error } = useReading(ViewerDocument, {});
  // Nothing is shown before it is known who looks: the sign-in page may be what comes.
  if (data === undefined && error?.networkError === undefined) return null;
  return (
    <ServiceListProvider>
      <Frame viewer={data?.viewer} onSignOut={onSignOut}>
        <Switch>
          <Route path="/">
            <Redirect to="/services" replace />
          </Route>
          <Route path="/services/new">
            <ServicesPage starting />
          </Route>
          <Route path="/services">
            <ServicesPage starting={false} />
          </Route>
          {/* One route, so that the page stays when its dialog opens. */}
          <Route path="/services/:id/:part?">{({ id, part }) => <ServicePage key={id} id={id} part={part} />}</Route>
          <Route path="/folders/:id/edit/*">
            {({ id }) => (
              <Suspense fallback={<Waiting rows={6} />}>
                <EditPage key={id} folderId={id} />
              </Suspense>
            )}
          </Route>
          <Route path="/folders/:id/*?">
            {({ id }) => (
              <Suspense fallback={null}>
                <ExplorerPage folderId={id} />
              </Suspense>
            )}
          </Route>
          <Route path="/folders">
            <FoldersPage />
          </Route>
          <Route path="/cluster">
            <ClusterPage />
          </Route>
          <Route path="/settings/environments">
            <Suspense fallback={<Waiting rows={6} />}>
              <EnvironmentsPage />
            </Suspense>
          </Route>
          <Route path="/settings">
            <Suspense fallback={null}>
              <SettingsPage />
            </Suspense>
          </Route>
          <Route>
            <Blank title="There is no such page" text="The address may have been mistyped." />
          </Route>
        </Switch>
      </Frame>
    </ServiceListProvider>
  );
}
