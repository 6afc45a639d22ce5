/** What stands under a service's name, from its routes alone. */
import { expect, test } from "vitest";
import { newId } from "../../server/model/ids.ts";
import { deriveServiceStatus, servesRevision, type StatusInput } from "../../server/model/service-status.ts";

type Route = StatusInput["routes"][number];
const route = (status: Route["status"], changes: Partial<Route> = {}): Route => ({
  status,
  statusReason: "",
  retryAt: null,
  isCurrent: true,
  ...changes,
});
const failure: StatusInput["failure"] = {
  cause: "EXITED",
  routeId: newId("route"),
  at: "2026-11-22T00:00:00.000Z",
  message: "The start command exited with code 1",
  hint: null,
};
const problem = { path: "", line: 3, column: 5, message: "`port` is missing", hint: null };
const nothing: StatusInput = {
  terminating: false,
  terminated: false,
  desiredRouteCount: 2,
  definitionProblems: [],
  failure: null,
  revisionNumber: 4,
  rollout: null,
  notice: null,
  routes: [],
};
const derived = (changes: Partial<StatusInput>) => deriveServiceStatus({ ...nothing, ...changes });
const old = { isCurrent: false };

test.each<[string, Partial<StatusInput>, string]>([
  ["nothing yet", {}, "PROVISIONING"],
  ["all healthy", { routes: [route("HEALTHY"), route("HEALTHY")] }, "HEALTHY"],
  ["one healthy", { routes: [route("HEALTHY"), route("WARMING_UP")] }, "DEGRADED"],
  ["none healthy, no failure", { routes: [route("WARMING_UP")] }, "PROVISIONING"],
  ["none healthy, a failure", { routes: [route("BACKING_OFF")], failure }, "UNHEALTHY"],
  ["retrying after a failure", { routes: [route("WARMING_UP")], failure }, "UNHEALTHY"],
  ["a broken definition", { definitionProblems: [problem] }, "UNHEALTHY"],
  ["no route wanted", { desiredRouteCount: 0, failure }, "STOPPED"],
  ["being terminated", { terminating: true, routes: [route("DRAINING")] }, "TERMINATING"],
  ["terminated", { terminating: true, terminated: true }, "TERMINATED"],
])("%s", (_what, input, status) => {
  expect(derived(input).status).toBe(status);
});

test("a service that serves on its revision says so and nothing else", () => {
  expect(derived({ routes: [route("HEALTHY"), route("HEALTHY")] }).reason).toBe("Serving: 2 of 2 routes healthy.");
});

const serving = [route("HEALTHY", old), route("HEALTHY", old)];
test.each<[string, Partial<StatusInput>, string]>([
  [
    "that is coming up",
    { routes: [...serving, route("PREPARING", { statusReason: "Placed on one." })] },
    "Revision 4 is being rolled out. Placed on one.",
  ],
  [
    "that does not start",
    { routes: [...serving, route("BACKING_OFF")], failure },
    "Revision 4 does not start, an earlier one serves. The start command exited with code 1.",
  ],
  [
    "with a broken definition",
    { routes: serving, definitionProblems: [problem] },
    "Revision 4 is not used. The model definition cannot be used: `port` is missing (line 3, column 5).",
  ],
])("a new revision %s is told while an earlier one serves, and its failure is not forgotten", (_what, input, says) => {
  expect(derived(input)).toEqual({ status: "HEALTHY", reason: `Serving: 2 of 2 routes healthy. ${says}` });
  expect(servesRevision({ ...nothing, ...input })).toBe(false);
});
