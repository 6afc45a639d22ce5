/**
 * What is being uploaded: how much of it, how fast, how long still, and what went wrong. Folded, it is one line; unfolded, every
 * file has its own.
 */
import "./tray.css";
import { ActionIcon, Button, Progress } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconPlayerPause, IconPlayerPlay, IconX } from "@tabler/icons-react";
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from "react";
import { counted, inBytes } from "../parts/bytes.ts";
import { listed } from "../parts/listed.ts";
import { plainly } from "../parts/visible-name.ts";
import { open } from "./job.ts";
import type { Uploads } from "./ledger.ts";
import { cancelAll, clearEnded, decide, goOn, pauseAll, retryFailed } from "./queue.ts";
import { inAbout, remainingSeconds } from "./rate.ts";
import { TrayList } from "./tray-list.tsx";
import { useUploads } from "./use-uploads.ts";

/** Once everything has arrived there is nothing left to do about it. */
const goesAfterMs = 10_000;

export default function UploadTray(): ReactElement {
  const uploads = useUploads();
  const [isOpen, setOpen] = useState(false);
  const [isCancelling, setCancelling] = useState(false);
  const root = useHeight();
  const { counts, isPaused } = uploads;
  const isBusy = open(counts) > 0 || uploads.isCounting;
  const isWell = !isBusy && counts.failed === 0 && counts.skipped === 0;
  useEffect(() => {
    if (!isWell || isOpen) return;
    const timer = setTimeout(clearEnded, goesAfterMs);
    return () => clearTimeout(timer);
  }, [isWell, isOpen]);
  const tone = counts.failed > 0 ? "red" : counts.exists > 0 ? "amber" : isBusy ? "blue" : "green";
  return (
    <section ref={root} className="tray" aria-label="Uploads" data-tone={tone}>
      <header>
        <div className="what">
          <b role="status">{headline(uploads)}</b>
          <span className="soft numeric">{isBusy ? progressWords(uploads) : inBytes(uploads.sent)}</span>
        </div>
        {isBusy && (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={isPaused ? "Go on with all uploads" : "Pause all uploads"}
            title={isPaused ? "Go on" : "Pause"}
            onClick={isPaused ? goOn : pauseAll}
          >
            {isPaused ? <IconPlayerPlay size={18} stroke={1.5} /> : <IconPlayerPause size={18} stroke={1.5} />}
          </ActionIcon>
        )}
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={isOpen ? "Hide the files" : "Show the files"}
          title={isOpen ? "Hide the files" : "Show the files"}
          aria-expanded={isOpen}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? <IconChevronDown size={18} stroke={1.5} /> : <IconChevronUp size={18} stroke={1.5} />}
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={isBusy ? "Cancel all uploads" : "Close uploads"}
          title={isBusy ? "Cancel all" : "Close"}
          onClick={() => (isBusy ? setCancelling(true) : clearEnded())}
        >
          <IconX size={18} stroke={1.5} />
        </ActionIcon>
      </header>
      {isBusy && (
        <Progress
          value={(100 * uploads.sent) / Math.max(1, uploads.bytes)}
          size={4}
          radius={0}
          color="var(--tone)"
          aria-label="Progress of all uploads"
        />
      )}
      {isBusy && isCancelling && (
        <Question text={`Cancel ${counted(open(counts), "upload")}? What has arrived of them is discarded.`}>
          <Button
            size="compact-md"
            color="red"
            onClick={() => {
              setCancelling(false);
              cancelAll();
            }}
          >
            Cancel all
          </Button>
          <Button size="compact-md" variant="default" onClick={() => setCancelling(false)}>
            Go on
          </Button>
        </Question>
      )}
      {uploads.isSignedOut && (
        <Question text="The session is over, so uploads wait. Sign in, then go on: nothing that has arrived is sent again.">
          <Button size="compact-md" onClick={goOn}>
            Go on
          </Button>
        </Question>
      )}
      {counts.exists > 0 && (
        <Question
          text={`${listed(namesThere(uploads))} ${counts.exists === 1 ? "is" : "are"} there already. What becomes of all such files of this choice?`}
        >
          <Button size="compact-md" variant="default" onClick={() => decide("skip")}>
            Keep what is there
          </Button>
          <Button size="compact-md" variant="default" onClick={() => decide("replace")}>
            Replace
          </Button>
        </Question>
      )}
      {counts.failed > 0 && (
        <Question text={`${counted(counts.failed, "file")} could not be uploaded.`}>
          <Button size="compact-md" variant="default" onClick={retryFailed}>
            Try again
          </Button>
        </Question>
      )}
      {(isOpen || counts.failed > 0) && <TrayList jobs={uploads.jobs} isOpen={isOpen} />}
    </section>
  );
}

const namesThere = ({ jobs }: Uploads): readonly string[] =>
  jobs.filter(({ state }) => state === "exists").map(({ path }) => plainly(path.slice(path.lastIndexOf("/") + 1)));

const Question = ({ text, children }: { readonly text: string; readonly children: ReactNode }): ReactElement => (
  <div className="question">
    <span>{text}</span>
    <span className="line">{children}</span>
  </div>
);

function headline({ counts, files, isCounting, isPaused, isSignedOut }: Uploads): string {
  const left = open(counts);
  const ended = files - left;
  if (left === 0 && !isCounting) {
    const parts = [
      `${counted(counts.done, "file")} uploaded`,
      ...(counts.skipped > 0 ? [`${counts.skipped} kept as they were`] : []),
      ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ];
    return parts.join(", ");
  }
  const verb = isSignedOut || isPaused ? "Paused at" : counts.sending === 0 && counts.retrying > 0 ? "Connecting again, at" : "Uploading";
  if (files === 1) return isPaused ? "Upload paused" : verb === "Uploading" ? "Uploading 1 file" : "Connecting again";
  return `${verb} ${Math.min(ended + 1, files).toLocaleString("en")} of ${isCounting ? "at least " : ""}${counted(files, "file")}`;
}

function progressWords({ bytes, sent, rate, isPaused, isCounting, counts }: Uploads): string {
  const amount = `${inBytes(sent)} of ${isCounting ? "at least " : ""}${inBytes(bytes)}`;
  if (isPaused || counts.sending === 0 || rate === null) return amount;
  const seconds = isCounting ? null : remainingSeconds(rate, bytes - sent);
  return `${amount} · ${inBytes(rate)}/s${seconds === null ? "" : ` · ${inAbout(seconds)} left`}`;
}

/** Messages and the end of the page keep clear of it. */
function useHeight() {
  const root = useRef<HTMLElement>(null);
  useEffect(() => {
    const { style } = document.documentElement;
    const observer = new ResizeObserver(() => style.setProperty("--tray-height", `${root.current?.offsetHeight ?? 0}px`));
    if (root.current !== null) observer.observe(root.current);
    return () => {
      observer.disconnect();
      style.removeProperty("--tray-height");
    };
  }, []);
  return root;
}
