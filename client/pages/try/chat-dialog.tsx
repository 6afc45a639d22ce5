/** "Chat": a conversation with a model that speaks OpenAI's API, as an end user's client would have it. */
import "./try.css";
import { Button, Modal, Select, Textarea } from "@mantine/core";
import { useMediaQuery, useSessionStorage } from "@mantine/hooks";
import { IconPlayerStop, IconSend } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { Notice } from "../../parts/notice.tsx";
import type { ServiceDetail } from "../service/service-detail.ts";
import { figuresOf } from "./chat-answer.ts";
import { NotServing } from "./not-serving.tsx";
import { useChat, type ChatMessage } from "./use-chat.ts";
import type { Models } from "./use-models.ts";

type ChatDialogProps = { readonly opened: boolean; readonly service: ServiceDetail; readonly models: Models; readonly onClose: () => void };

export function ChatDialog({ opened, service, models, onClose }: ChatDialogProps): ReactElement {
  const narrow = useMediaQuery("(max-width: 48em)") ?? false;
  return (
    <Modal opened={opened} onClose={onClose} title={<b>Chat with {service.name}</b>} size={820} fullScreen={narrow} closeOnClickOutside={false}>
      {opened && <Content service={service} models={models} />}
    </Modal>
  );
}

function Content({ service, models }: Pick<ChatDialogProps, "service" | "models">): ReactElement {
  if (models.kind === "known") return <Chat service={service} names={models.names} />;
  return (
    <div className="stack">
      <NotServing service={service} />
      {models.kind === "none" && <Notice tone="amber">{`There is no chat with it. ${models.why} “Try it” sends any other request.`}</Notice>}
      {models.kind === "asking" && <p role="status">Asking it which models it has …</p>}
      {models.kind === "unknown" && <p role="status">It is asked which models it has as soon as a route is healthy.</p>}
    </div>
  );
}

function Chat({ service, names }: { readonly service: ServiceDetail; readonly names: readonly string[] }): ReactElement {
  const { messages, coming, problem, send, stop, clear } = useChat(service);
  const [chosen, setChosen] = useState(names[0] ?? "");
  const [system, setSystem] = useSessionStorage({ key: `serai-chat-system ${service.id}`, defaultValue: "" });
  const [question, setQuestion] = useSessionStorage({ key: `serai-chat-question ${service.id}`, defaultValue: "" });
  const field = useRef<HTMLTextAreaElement>(null);

  const ask = async () => {
    const asked = question.trim();
    if (asked === "" || coming !== null) return;
    setQuestion("");
    if (!(await send(chosen, system, asked))) setQuestion((typed) => (typed === "" ? asked : typed));
    field.current?.focus();
  };

  return (
    <div className="chat">
      <NotServing service={service} />
      <div className="line apart" style={{ flexWrap: "wrap" }}>
        {names.length > 1 ? (
          <Select aria-label="Model" size="xs" data={[...names]} value={chosen} onChange={(name) => setChosen(name ?? chosen)} />
        ) : (
          <span className="soft">
            Model <code>{chosen}</code>
          </span>
        )}
        <Button variant="default" size="compact-md" disabled={messages.length === 0} onClick={clear}>
          Clear
        </Button>
      </div>
      <details className="output" open={system !== ""}>
        <summary>System prompt</summary>
        <Textarea
          aria-label="System prompt"
          autosize
          minRows={2}
          maxRows={6}
          value={system}
          onChange={(event) => setSystem(event.currentTarget.value)}
        />
      </details>
      <Conversation
        messages={
          coming === null ? messages : [...messages, { role: "assistant", content: coming.text, thinking: coming.thinking, note: figuresOf(coming) }]
        }
        isWaiting={coming !== null && coming.text === "" && coming.thinking === ""}
      />
      <Notice tone="red">{problem}</Notice>
      <form
        className="line"
        style={{ alignItems: "flex-end" }}
        onSubmit={(event) => {
          event.preventDefault();
          void ask();
        }}
      >
        <Textarea
          ref={field}
          aria-label="Message"
          placeholder="Ask it something. Enter sends, Shift+Enter begins a new line"
          style={{ flex: 1 }}
          autosize
          minRows={1}
          maxRows={8}
          data-autofocus
          value={question}
          onChange={(event) => setQuestion(event.currentTarget.value)}
          onKeyDown={(event) => {
            // While a word is being composed, Enter accepts it.
            if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
            event.preventDefault();
            void ask();
          }}
        />
        {coming === null ? (
          <Button type="submit" leftSection={<IconSend size={16} aria-hidden />} disabled={question.trim() === ""}>
            Send
          </Button>
        ) : (
          <Button variant="default" leftSection={<IconPlayerStop size={16} aria-hidden />} onClick={stop}>
            Stop
          </Button>
        )}
      </form>
    </div>
  );
}

/** Follows the end while somebody is at it. */
function Conversation({ messages, isWaiting }: { readonly messages: readonly ChatMessage[]; readonly isWaiting: boolean }): ReactElement {
  const list = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);
  // After every rendering: whatever has made it longer.
  useEffect(() => {
    if (isAtEnd.current) list.current?.scrollTo(0, list.current.scrollHeight);
  });
  return (
    <ol
      ref={list}
      role="log"
      aria-label="Conversation"
      tabIndex={0}
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
        void (isAtEnd.current = scrollHeight - scrollTop - clientHeight < 40)
      }
    >
      {messages.length === 0 && <li className="soft">What you say and what it answers stands here, and stays in this tab only.</li>}
      {messages.map(({ role, content, thinking, note }, index) => (
        <li key={index} data-role={role}>
          <span className="unseen">{role === "user" ? "You: " : "Model: "}</span>
          {thinking !== undefined && thinking !== "" && <p className="soft">{thinking}</p>}
          {isWaiting && index === messages.length - 1 ? <span className="soft">…</span> : content}
          {note !== undefined && note !== "" && <small>{note}</small>}
        </li>
      ))}
    </ol>
  );
}
