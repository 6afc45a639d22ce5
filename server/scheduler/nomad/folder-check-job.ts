/**
 * Whether a machine sees the folders, as a job for Nomad: a few milliseconds of `/bin/sh`, on that machine and no other, purged
 * when it has answered. Pure.
 *
 * A machine that does not see them gets a word in its dynamic metadata, and every session's job keeps away from machines with that
 * word. So the jobs' text never changes with what was found; Nomad itself places what waited once the word is gone, and moves nothing to
 * such a machine while Serai is down. Rejected: a constraint for each such machine in each job, which would have to be taken
 * out of jobs that wait, and cannot be without restarting those that run.
 */
import { quote } from "../../model/shell-words.ts";
import type { Allocation, TaskState } from "./api-types.ts";
import { second } from "./gang-job.ts";
import { jobPrefix } from "./names.ts";

/** In SERAI_FOLDERS, written by the processes that own the folders. Named by the installation: two may share a file system. */
export const foldersMark = (installationId: string): string => `.serai-folders-${installationId}`;

const checkTask = "look";

const metadataKey = (installationId: string): string => `serai_no_folders_${installationId}`;

/** Asked of the machine of every session. */
export const seesFolders = (installationId: string) => ({
  LTarget: `\${meta.${metadataKey(installationId)}}`,
  Operand: "is_not_set" as const,
  RTarget: "",
});

/** What is said of a machine; nothing where it sees the folders, or nobody knows. */
export const metadataOf = (installationId: string, isBlind: boolean): object => ({
  Meta: { [metadataKey(installationId)]: isBlind ? "true" : null },
});

export const isMarkedIn = (installationId: string, metadata: Readonly<Record<string, string>>): boolean =>
  (metadata[metadataKey(installationId)] ?? "") !== "";

/** Is this what Nomad calls the constraint above, in its reasons for not placing something? */
export const isAboutFolders = (constraint: string): boolean => constraint.startsWith("${meta.serai_no_folders_");

export type CheckedNode = { readonly id: string; readonly name: string; readonly nodePool: string };

export const checkJobId = (installationId: string, nodeId: string): string => `${jobPrefix(installationId)}folder-check-${nodeId}`;

export function compileCheck(installationId: string, node: CheckedNode, folders: string): object {
  return {
    ID: checkJobId(installationId, node.id),
    Name: `folder-check-${node.name}`,
    Type: "batch",
    Datacenters: ["*"],
    NodePool: node.nodePool,
    Meta: { serai_installation: installationId, serai_kind: "folder-check" },
    Constraints: [{ LTarget: "${node.unique.id}", Operand: "=", RTarget: node.id }],
    TaskGroups: [
      {
        Name: checkTask,
        Count: 1,
        RestartPolicy: { Attempts: 0, Interval: 60 * second, Delay: second, Mode: "fail" },
        ReschedulePolicy: { Attempts: 0, Unlimited: false },
        EphemeralDisk: { SizeMB: 10 },
        Tasks: [
          {
            Name: checkTask,
            Driver: "raw_exec",
            // Nomad interpolates arguments: the path comes in a file that it leaves alone.
            Config: { command: "/bin/sh", args: ["${NOMAD_TASK_DIR}/look.sh"] },
            Templates: [
              {
                EmbeddedTmpl: script(folders, foldersMark(installationId)),
                DestPath: "local/look.sh",
                LeftDelim: "<serai-<",
                RightDelim: ">-serai>",
                ChangeMode: "noop",
                Perms: "0644",
              },
            ],
            Resources: { CPU: 10, MemoryMB: 16 },
            LogConfig: { MaxFiles: 1, MaxFileSizeMB: 1 },
          },
        ],
      },
    ],
  };
}

const exitCodes = { missing: 11, unmarked: 12 } as const;

const script = (folders: string, mark: string): string =>
  ["#!/bin/sh", `cd ${quote(folders)} || exit ${exitCodes.missing}`, `[ -f ${quote(mark)} ] || exit ${exitCodes.unmarked}`, "exit 0", ""].join("\n");

/**
 * SEES      the marked directory is there
 * MISSING   there is no such directory, or it cannot be entered
 * UNMARKED  there is one, but not the one that Serai uses
 * UNKNOWN   it was not placed, did not answer in time, or could not be run
 */
export type Verdict = "SEES" | "MISSING" | "UNMARKED" | "UNKNOWN";

/** Null while it is under way. */
export function verdictOf(allocation: Allocation | null): Verdict | null {
  const task: TaskState | undefined = allocation?.TaskStates?.[checkTask];
  if (allocation === null || task === undefined)
    return allocation?.ClientStatus === "failed" || allocation?.ClientStatus === "lost" ? "UNKNOWN" : null;
  if (task.State !== "dead") return null;
  const code = task.Events?.findLast(({ Type }) => Type === "Terminated")?.Details?.["exit_code"];
  if (code === "0") return "SEES";
  if (code === String(exitCodes.missing)) return "MISSING";
  return code === String(exitCodes.unmarked) ? "UNMARKED" : "UNKNOWN";
}

const blindVerdicts: ReadonlySet<Verdict> = new Set(["MISSING", "UNMARKED"]);
export const isBlind = (verdict: Verdict): boolean => blindVerdicts.has(verdict);

/** Why sessions keep away from these machines; in words for a user who can tell an operator. */
export function whyBlind(nodes: readonly { readonly name: string; readonly verdict: Verdict }[], folders: string): string {
  const names = nodes.map(({ name }) => name).sort();
  const [who, see] =
    names.length === 1
      ? [`Node ${names[0]}`, "does not see"]
      : [`Nodes ${names.slice(0, 5).join(", ")}${names.length > 5 ? " and others" : ""}`, "do not see"];
  const what = nodes.every(({ verdict }) => verdict === "UNMARKED") ? "is another directory there" : "is not there";
  return `${who} ${see} the folders: ${folders} ${what} (SERAI_FOLDERS must be the same shared file system on every Nomad client).`;
}
