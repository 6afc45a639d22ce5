import { expect, test } from "vitest";
import { traceParent } from "../../server/gateway/trace-parent.ts";
import { call, openWorld, serviceRow, startModel } from "./world.ts";

const [trace, parent] = ["4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"];
const made = /^00-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-01$/;

test.each([`00-${trace}-${parent}-01`, `00-${trace}-${parent}-00`, `00-${trace}-${parent}-03`, `01-${trace}-${parent}-01-later`])(
  "A valid traceparent passes as it is, sampled or not: %s",
  (given) => expect(traceParent([given])).toBeNull(),
);

test.each([
  [[]],
  [[""]],
  [[`00-${"0".repeat(32)}-${parent}-01`]],
  [[`00-${trace}-${"0".repeat(16)}-01`]],
  [[`00-${trace.toUpperCase()}-${parent}-01`]],
  [[`00-${trace}-${parent}-01-more`]],
  [[`ff-${trace}-${parent}-01`]],
  [[`00-${trace}-${parent}`]],
  [[`00-${trace}-${parent}-01`, `00-${trace}-${parent}-01`]],
])("Another trace begins where there is none that is valid: %j", (given) => expect(traceParent(given)).toMatch(made));

test("Each request without a trace gets one of its own, and loses the state of an invalid one", async () => {
  await using world = await openWorld();
  await using model = await startModel();
  await world.show(serviceRow({ routes: [model.route] }));
  for (let count = 0; count < 500; count += 1) expect(traceParent([])).toMatch(made);
  await call(world.port);
  await call(world.port, { headers: ["traceparent", "nonsense", "tracestate", "vendor=1"] });
  await call(world.port, { headers: ["traceparent", `00-${trace}-${parent}-00`, "tracestate", "vendor=1"] });
  const [first, second, third] = model.requests.map(({ headers }) => headers);
  expect(first?.["traceparent"]).toMatch(made);
  expect(second?.["traceparent"]).toMatch(made);
  expect(second?.["traceparent"]).not.toBe(first?.["traceparent"]);
  expect(second).not.toHaveProperty("tracestate");
  expect(third).toMatchObject({ traceparent: `00-${trace}-${parent}-00`, tracestate: "vendor=1" });
});
