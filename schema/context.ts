/** What a resolver can reach: who asks, and the parts of the server that the API is made of. Nothing here can act on a session. */
import type { Signer } from "../server/auth/keys.ts";
import type { VariableSecrets } from "../server/auth/variable-secrets.ts";
import type { Folders } from "../server/folders/folders.ts";
import type { Log } from "../server/log.ts";
import type { ClusterWatch, Observe } from "../server/model/observe.ts";
import type { Changes } from "../server/store/changes.ts";
import type { Database } from "../server/store/database.ts";
import type { EndpointRule } from "../server/store/endpoint.ts";
import type { Viewer } from "../server/store/users.ts";

export type Ports = {
  readonly database: Database;
  readonly changes: Changes;
  readonly folders: Folders;
  readonly signer: Signer;
  readonly variableSecrets: VariableSecrets;
  readonly observe: Observe;
  readonly cluster: ClusterWatch;
  readonly endpoint: EndpointRule;
  readonly log: Log;
};

/** One per operation. */
export type Context = Ports & { readonly viewer: Viewer };
