/** A gang whose members exchange a message through main: each worker tells main who it is, and main serves what it was told. */
import type { Session } from "../../server/model/session.ts";
import { hostSession } from "./nomad-sessions.ts";

export const gangProgram = `
import http.server, json, os, socket, time
names = [name for name in os.environ if name.startswith("BACKENDAI_CLUSTER_") or name in
         ("WORLD_SIZE", "RANK", "LOCAL_WORLD_SIZE", "LOCAL_RANK", "NNODES", "NODE_RANK", "MASTER_ADDR", "MASTER_PORT", "PORT", "NVIDIA_VISIBLE_DEVICES", "SECRET")]
me = {name: os.environ[name] for name in names}
place = (me["MASTER_ADDR"], int(me["MASTER_PORT"]))
if me["RANK"] == "0":
    told = [me]
    with socket.create_server(("0.0.0.0", place[1])) as server:
        workers = []
        while len(told) < int(me["WORLD_SIZE"]):
            worker, _ = server.accept()
            told.append(json.loads(worker.makefile().readline()))
            workers.append(worker)
        for worker in workers:
            worker.sendall(b"welcome\\n")
        told.sort(key=lambda one: int(one["RANK"]))
        class Answer(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_): pass
            def do_GET(self):
                body = json.dumps(told).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
        http.server.ThreadingHTTPServer(("0.0.0.0", int(os.environ["PORT"])), Answer).serve_forever()
for _ in range(100):
    try:
        main = socket.create_connection(place)
        break
    except OSError:
        time.sleep(0.1)
main.sendall((json.dumps(me) + "\\n").encode())
print(main.makefile().readline(), flush=True)
while not os.path.exists(os.environ["SERAI_HOME"] + "/fail"):
    time.sleep(0.05)
print("out of ideas", flush=True)
raise SystemExit(7)
`;

const gangScript = `#!/bin/sh\nexec python3 -c '${gangProgram}'\n`;

export type Told = Readonly<Record<string, string>>;

export const gangSession = (cluster: NonNullable<Session["cluster"]>, changes: Partial<Session> = {}): Session =>
  hostSession({ cluster, script: gangScript, ...changes });

/** Of all members, main first, as main was told. */
export async function toldBy(url: string): Promise<readonly Told[]> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5000) });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return (await answer.json()) as readonly Told[];
}
