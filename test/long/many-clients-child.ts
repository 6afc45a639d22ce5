/**
 * WebSockets that stay idle and streams of events that do not, from one process: `<port> <sockets> <streams> <first local address>`.
 * Says when all are open; on each line of stdin it sends three messages over every WebSocket, and says what came back and what was wrong.
 */
import { once } from "node:events";
import { get } from "node:http";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

const [port = "", sockets = "0", streams = "0", from = "2"] = process.argv.slice(2);
const atOnce = 50;
const wrong: string[] = [];
const open: WebSocket[] = [];
let events = 0;
let isOver = false;
const localAddress = (at: number): string => `127.0.0.${Number(from) + (at % 4)}`;
const headers = { Host: "service.test" };

async function openSocket(at: number): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, { headers, localAddress: localAddress(at), perMessageDeflate: false });
  socket.on("error", (error) => wrong.push(`socket: ${error.message}`)).on("close", () => isOver || wrong.push("socket: closed"));
  await once(socket, "open");
  open.push(socket);
}

function openStream(at: number): Promise<void> {
  return new Promise((resolve) => {
    get({ host: "127.0.0.1", port, path: "/events", headers, agent: false, localAddress: localAddress(at) }, (answer) => {
      let text = "";
      let next = 0;
      answer.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
        for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
          if (text.slice(0, end) !== `data: ${next}`) wrong.push(`stream: ${text.slice(0, end)} instead of ${next}`);
          next += 1;
          events += 1;
          text = text.slice(end + 2);
        }
        resolve();
      });
      answer.on("close", () => isOver || wrong.push("stream: closed"));
    }).on("error", (error) => isOver || wrong.push(`stream: ${error.message}`));
  });
}

function echo(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => {
    let next = 0;
    socket.on("message", (data: Buffer) => {
      if (data.toString() !== `message ${next}`) wrong.push(`socket: ${data.toString()} instead of ${next}`);
      next += 1;
      if (next < 3) return;
      socket.removeAllListeners("message");
      resolve();
    });
    for (const count of [0, 1, 2]) socket.send(`message ${count}`);
  });
}

async function inTurns(count: number, run: (at: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < count; at += atOnce) await Promise.all(Array.from({ length: Math.min(atOnce, count - at) }, (_, more) => run(at + more)));
}

await inTurns(Number(sockets), openSocket);
await inTurns(Number(streams), openStream);
process.stdout.write("open\n");
for await (const line of createInterface(process.stdin)) {
  if (line === "end") break;
  await inTurns(open.length, (at) => echo(open[at] as WebSocket));
  process.stdout.write(`${JSON.stringify({ sockets: open.length, events, wrong: wrong.slice(0, 20), wrongCount: wrong.length })}\n`);
}
isOver = true;
process.exit(0);
