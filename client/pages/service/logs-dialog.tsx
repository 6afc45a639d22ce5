/** What a route writes, live: both streams, followed or paused, searched, wrapped or not, and as a file. */
import "./logs.css";
import { Button, Modal, SegmentedControl, Select, Switch } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconDownload, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState, type ReactElement, type ReactNode } from "react";
import type { LogStream } from "../../gql/graphql.ts";
import { Notice } from "../../parts/notice.tsx";
import { countOfLines, linesMax } from "./logs-lines.ts";
import { useSearch } from "./logs-search.ts";
import { LogsSearchField } from "./logs-search-field.tsx";
import { LogsText } from "./logs-text.tsx";
import { shortId } from "./short-id.ts";
import { useLogs } from "./use-logs.ts";

type LogsDialogProps = {
  readonly routeId: string;
  readonly serviceName: string;
  readonly members: number;
  /** Nothing more comes. */
  readonly hasEnded: boolean;
  readonly onClose: () => void;
};

export function LogsDialog({ routeId, serviceName, members, hasEnded, onClose }: LogsDialogProps): ReactElement {
  const narrow = useMediaQuery("(max-width: 62em)") ?? false;
  const [stream, setStream] = useState<LogStream>("STDOUT");
  const [member, setMember] = useState(0);
  const title = (
    <b>
      Logs of {serviceName} · <code title={routeId}>{shortId(routeId)}</code>
    </b>
  );
  return (
    <Modal opened onClose={onClose} title={title} size={1200} fullScreen={narrow}>
      <Content key={`${stream} ${member}`} routeId={routeId} stream={stream} onStream={setStream} member={member} hasEnded={hasEnded}>
        {members > 1 && <MemberChoice members={members} member={member} onMember={setMember} />}
      </Content>
    </Modal>
  );
}

type MemberChoiceProps = { readonly members: number; readonly member: number; readonly onMember: (member: number) => void };

function MemberChoice({ members, member, onMember }: MemberChoiceProps): ReactElement {
  const data = Array.from({ length: members }, (_, rank) => ({ value: String(rank), label: rank === 0 ? "Main" : `Worker ${rank}` }));
  return (
    <Select
      aria-label="Member"
      size="xs"
      w={130}
      allowDeselect={false}
      data={data}
      value={String(member)}
      onChange={(value) => onMember(Number(value))}
    />
  );
}

type ContentProps = {
  readonly routeId: string;
  readonly stream: LogStream;
  readonly onStream: (stream: LogStream) => void;
  readonly member: number;
  readonly hasEnded: boolean;
  /** Beside the choice of the stream. */
  readonly children: ReactNode;
};

function Content({ routeId, stream, onStream, member, hasEnded, children }: ContentProps): ReactElement {
  const [paused, setPaused] = useState(false);
  const [wrapped, setWrapped] = useState(true);
  const [follows, setFollows] = useState(true);
  const { lines, problem, isKept } = useLogs(routeId, stream, member, paused);
  const search = useSearch(lines, () => setFollows(false));
  const count = countOfLines(lines);
  return (
    <div className="logs">
      <div className="line" style={{ flexWrap: "wrap", "--gap": "8px 12px" }}>
        <SegmentedControl
          aria-label="Stream"
          size="xs"
          value={stream}
          onChange={(value) => onStream(value === "STDERR" ? "STDERR" : "STDOUT")}
          data={[
            { label: "stdout", value: "STDOUT" },
            { label: "stderr", value: "STDERR" },
          ]}
        />
        {children}
        <LogsSearchField search={search} />
        <Switch size="xs" label="Wrap" checked={wrapped} onChange={(event) => setWrapped(event.currentTarget.checked)} />
        <Switch size="xs" label="Follow" checked={follows} onChange={(event) => setFollows(event.currentTarget.checked)} />
        <Button
          variant="default"
          size="compact-md"
          leftSection={paused ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />}
          onClick={() => setPaused(!paused)}
        >
          {paused ? "Go on" : "Pause"}
        </Button>
        <Button
          component="a"
          href={`/logs/${routeId}?stream=${stream.toLowerCase()}${member === 0 ? "" : `&member=${member}`}`}
          download
          variant="default"
          size="compact-md"
          leftSection={<IconDownload size={16} aria-hidden />}
        >
          Download
        </Button>
      </div>
      <Notice tone="amber">
        {!isKept || problem === null ? problem : `Nothing comes right now. ${problem} It is tried again every few seconds.`}
      </Notice>
      <LogsText lines={lines} search={search} wrapped={wrapped} follows={follows} onFollow={setFollows} />
      <p className="soft numeric">
        {hasEnded ? "The route has ended. " : paused ? "Paused: what is written meanwhile comes when it goes on. " : ""}
        {lines.dropped > 0
          ? `The last ${count} lines; the window keeps about ${linesMax}, the download has all that is kept.`
          : hasEnded && count === 0
            ? ""
            : linesInWords(count, stream)}
      </p>
    </div>
  );
}

/** Many servers write all they have to say to the other one. */
const linesInWords = (count: number, stream: LogStream): string =>
  count === 0 ? `Nothing has been written to ${stream.toLowerCase()} yet.` : count === 1 ? "1 line" : `${count} lines`;
