import { describe, expect, test } from "vitest";
import { inRanges } from "../../server/gateway/address-ranges.ts";
import { callerOf } from "../../server/gateway/caller.ts";

const trusted = inRanges(["10.0.0.0/8", "127.0.0.1", "fd00::/8"]);
const from = (remoteAddress: string, ...headers: readonly string[]) => callerOf({ remoteAddress }, headers, trusted);

describe("The client's address", () => {
  test("is the peer's where that is no trusted proxy, whatever it says of itself", () => {
    const said = ["X-Forwarded-For", "10.1.1.1", "Forwarded", "for=10.1.1.1;proto=https", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "evil"];
    const caller = { address: "192.0.2.7", hops: ["192.0.2.7"], protocol: null, host: null };
    expect(from("192.0.2.7", ...said)).toEqual(caller);
    expect(from("::ffff:192.0.2.7", ...said)).toEqual(caller);
    expect(callerOf({ remoteAddress: "10.1.1.1" }, said, null).address).toBe("10.1.1.1");
  });

  test.each([
    ["198.51.100.1", ["198.51.100.1", "10.0.0.9"]],
    ["198.51.100.1, 10.0.0.8", ["198.51.100.1", "10.0.0.8", "10.0.0.9"]],
    ["203.0.113.66, 198.51.100.1", ["198.51.100.1", "10.0.0.9"]],
    ["10.0.0.1, 203.0.113.66, 198.51.100.1,fd00::8", ["198.51.100.1", "fd00::8", "10.0.0.9"]],
    ["198.51.100.1:4711", ["198.51.100.1", "10.0.0.9"]],
    ["[2001:db8::1]:4711", ["2001:db8::1", "10.0.0.9"]],
    ["2001:db8::1", ["2001:db8::1", "10.0.0.9"]],
    ["::ffff:198.51.100.1", ["198.51.100.1", "10.0.0.9"]],
    ["10.0.0.7, 10.0.0.8", ["10.0.0.7", "10.0.0.8", "10.0.0.9"]],
    ["198.51.100.1, unknown", ["10.0.0.9"]],
    ["198.51.100.1, _hidden, 10.0.0.8", ["10.0.0.8", "10.0.0.9"]],
    ["198.51.100.1, ", ["10.0.0.9"]],
    ["1.2.3.4.5", ["10.0.0.9"]],
    ["fe80::1%eth0", ["10.0.0.9"]],
  ])("is the last one in %j that is no trusted proxy, where a trusted one says so", (said, hops) => {
    expect(from("10.0.0.9", "X-Forwarded-For", said)).toMatchObject({ address: hops[0], hops });
  });

  test("is found over several headers, in their order", () => {
    expect(from("10.0.0.9", "X-Forwarded-For", "203.0.113.66", "x-forwarded-for", "198.51.100.1, 10.0.0.8").address).toBe("198.51.100.1");
  });

  test("comes from Forwarded only where there is no X-Forwarded-For, which a client could not have hidden", () => {
    const forwarded = ["Forwarded", 'For="[2001:db8::1]:80";proto=HTTPS;host="a.example", for=10.0.0.8;by=_x'];
    expect(from("10.0.0.9", ...forwarded)).toEqual({
      address: "2001:db8::1",
      hops: ["2001:db8::1", "10.0.0.8", "10.0.0.9"],
      protocol: null,
      host: null,
    });
    expect(from("10.0.0.9", "Forwarded", "for=198.51.100.1;proto=https;host=a.example")).toMatchObject({ protocol: "https", host: "a.example" });
    expect(from("10.0.0.9", ...forwarded, "X-Forwarded-For", "198.51.100.1").address).toBe("198.51.100.1");
    expect(from("10.0.0.9", "Forwarded", "for=nonsense").address).toBe("10.0.0.9");
  });
});

test("How the client called is what a trusted proxy says, where it can be that", () => {
  expect(from("127.0.0.1", "X-Forwarded-Proto", "https", "X-Forwarded-Host", "a.example:8443")).toMatchObject({
    protocol: "https",
    host: "a.example:8443",
  });
  expect(from("127.0.0.1", "X-Forwarded-Proto", "gopher", "X-Forwarded-Host", "a b")).toMatchObject({ protocol: null, host: null });
});
