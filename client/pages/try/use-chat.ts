/** A conversation with the model: kept for this tab, answered as it streams. Leaving the dialog ends the answer under way. */
import { useSessionStorage } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import type { ServiceDetail } from "../service/service-detail.ts";
import { figuresOf, noAnswer, refusalIn, withChunk, type ChatAnswer } from "./chat-answer.ts";
import { eventsOf } from "./events-of.ts";
import { inWords, isAbort, useCall, type Call } from "./use-call.ts";

export type ChatMessage = {
  readonly role: "user" | "assistant";
  readonly content: string;
  readonly thinking?: string;
  /** How fast it came, and how it ended. */
  readonly note?: string;
};

const nothing: readonly ChatMessage[] = [];
const drawEveryMs = 50;

export function useChat(service: ServiceDetail) {
  const call = useCall(service);
  const [messages, keep] = useSessionStorage({ key: `serai-chat ${service.id}`, defaultValue: nothing });
  /** The answer that is coming; null: none. */
  const [coming, setComing] = useState<ChatAnswer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const current = useRef<AbortController | null>(null);
  useEffect(() => () => current.current?.abort(), []);

  /** False where nothing came of it: then the question is not kept, and can be asked again. */
  async function send(model: string, system: string, question: string): Promise<boolean> {
    const mine = new AbortController();
    current.current = mine;
    const asked: readonly ChatMessage[] = [...messages, { role: "user", content: question }];
    keep(asked);
    setProblem(null);
    setComing(noAnswer);
    let answer = noAnswer;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const draw = () => {
      timer = undefined;
      setComing(answer);
    };
    let failure: string | null = null;
    try {
      const spoken = asked.map(({ role, content }) => ({ role, content }));
      const said = system.trim() === "" ? spoken : [{ role: "system", content: system }, ...spoken];
      for await (const next of answersOf(call, { model, messages: said }, mine.signal)) {
        answer = next;
        timer ??= setTimeout(draw, drawEveryMs);
      }
      failure = answer.problem;
    } catch (thrown) {
      if (!isAbort(thrown)) failure = inWords(thrown);
    }
    clearTimeout(timer);
    // What was cleared meanwhile does not come back.
    if (current.current !== mine) return true;
    const isEmpty = answer.text === "" && answer.thinking === "";
    const note = [figuresOf(answer), mine.signal.aborted ? "stopped" : failure === null ? "" : "broke off"].filter((part) => part !== "").join(" · ");
    const { text, thinking } = answer;
    keep(isEmpty && (failure !== null || mine.signal.aborted) ? messages : [...asked, { role: "assistant", content: text, thinking, note }]);
    setComing(null);
    setProblem(failure);
    return !isEmpty || failure === null;
  }

  return {
    messages,
    coming,
    problem,
    send,
    stop: () => current.current?.abort(),
    clear() {
      current.current?.abort();
      current.current = null;
      keep(nothing);
      setComing(null);
      setProblem(null);
    },
  };
}

/** The answer again and again as it grows. */
async function* answersOf(call: Call, question: object, signal: AbortSignal): AsyncGenerator<ChatAnswer> {
  const startedAt = performance.now();
  const body = JSON.stringify({ ...question, stream: true, stream_options: { include_usage: true } });
  const headers = [["content-type", "application/json"]] as const;
  const response = await call({ method: "POST", path: "/v1/chat/completions", headers, body, signal });
  if (!response.ok) throw new Error(refusalIn(await response.text(), response.status));
  const isStreamed = response.headers.get("content-type")?.startsWith("text/event-stream") === true && response.body !== null;
  let answer = noAnswer;
  for await (const data of isStreamed && response.body !== null ? eventsOf(response.body) : [await response.text()]) {
    answer = withChunk(answer, data, performance.now() - startedAt);
    yield answer;
  }
}
