import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { requestHeaders, requestIdOf, responseHeaders, withoutConsoleCookie } from "../../server/gateway/headers.ts";

const origin = {
  host: "model.example.com",
  hops: ["192.0.2.7"],
  protocol: "https",
  forwardedHost: "model.example.com",
  ourTokensIn: [],
  requestId: "req-1",
  traceParent: null,
} as const;
const forwarded = [
  "X-Forwarded-For",
  "192.0.2.7",
  "X-Forwarded-Proto",
  "https",
  "X-Forwarded-Host",
  "model.example.com",
  "Forwarded",
  'for=192.0.2.7;host="model.example.com";proto=https',
  "X-Request-Id",
  "req-1",
];

describe("The console's cookie", () => {
  test.each([
    ["serai_session=secret", null],
    [" serai_session = secret ", null],
    ["SERAI_SESSION=secret", null],
    ["serai_session", null],
    ["serai_session=a; serai_session=b", null],
    ["serai_session=secret; theme=dark", "theme=dark"],
    ["theme=dark; serai_session=secret", "theme=dark"],
    ["a=1; serai_session=secret; b=2", "a=1; b=2"],
    ["a=1;serai_session=secret;b=2", "a=1;b=2"],
    ['a="; serai_session=secret; b="', 'a="; b="'],
    ['a="x\\"; serai_session="secret"; b=2', 'a="x\\"; b=2'],
    ["a=1; ;; serai_session=secret; ", "a=1; ;;"],
  ])("is taken out of %j, and the other cookies stay", (cookie, rest) => {
    expect(withoutConsoleCookie(cookie)).toBe(rest);
  });

  test.each(["theme=dark", "my_serai_session=1", "serai_session2=1", "a=serai_session=1", '  odd ="spacing"; ;', "=nameless"])(
    "is not mistaken for another one: %j passes as it is",
    (cookie) => expect(withoutConsoleCookie(cookie)).toBe(cookie),
  );

  test("never passes, whatever cookies a browser holds beside it", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "=", '"', "\\", " ", ",", "'", "%") });
    const others = fc.array(fc.tuple(text, text).map(([name, value]) => `${name}=${value}`));
    fc.assert(
      fc.property(others, others, (before, after) => {
        const rest = withoutConsoleCookie([...before, "serai_session=TOPSECRET", ...after].join("; "));
        expect(rest ?? "").not.toContain("TOPSECRET");
      }),
    );
  });

  test("is taken out of every Cookie header, and one that becomes empty is dropped", () => {
    const headers = ["Cookie", "a=1", "cookie", "serai_session=secret", "COOKIE", "serai_session=secret; b=2"];
    expect(requestHeaders(headers, { ...origin, host: "", forwardedHost: "" })).toEqual([
      "Cookie",
      "a=1",
      "COOKIE",
      "b=2",
      ...forwarded.slice(0, 4),
      "Forwarded",
      "for=192.0.2.7;proto=https",
      ...forwarded.slice(8),
    ]);
  });

  test("cannot be set or deleted by a model", () => {
    const headers = ["Set-Cookie", "serai_session=; Max-Age=0", "Set-Cookie", "a=1", "set-cookie", "a=serai_session"];
    expect(responseHeaders(headers)).toEqual(["Set-Cookie", "a=1", "set-cookie", "a=serai_session"]);
  });
});

describe("Headers", () => {
  test("keep order, case and multiplicity", () => {
    const headers = ["X-B", "1", "x-a", "2", "X-B", "3", "Set-Cookie", "a=1", "Set-Cookie", "b=2", "Vary", "x"];
    expect(responseHeaders(headers)).toEqual(headers);
    expect(requestHeaders(headers, origin)).toEqual(["Host", "model.example.com", ...headers, ...forwarded]);
  });

  test("of the connection stay on it, also those that Connection names", () => {
    const connection = ["Connection", "close, X-Mine", "connection", "x-other", "Keep-Alive", "1", "TE", "trailers", "Transfer-Encoding", "chunked"];
    const named = ["X-Mine", "1", "x-OTHER", "2", "Upgrade", "h2c", "Proxy-Connection", "x", "Proxy-Authorization", "Basic x"];
    expect(requestHeaders([...connection, ...named, "X-Kept", "1"], origin)).toEqual(["Host", "model.example.com", "X-Kept", "1", ...forwarded]);
    expect(responseHeaders([...connection, ...named, "X-Kept", "1"])).toEqual(["X-Kept", "1"]);
  });

  test("tell the model who called it and how, and nothing that a client says of that passes", () => {
    const forged = [
      "Forwarded",
      "for=203.0.113.9",
      "X-Forwarded-For",
      "203.0.113.9",
      "X-Forwarded-Proto",
      "gopher",
      "x-forwarded-host",
      "evil",
      "Connection",
      "x-forwarded-for",
    ];
    expect(requestHeaders(forged, origin)).toEqual(["Host", "model.example.com", ...forwarded]);
  });

  test("tell an IPv6 address as RFC 7239 has it", () => {
    expect(requestHeaders([], { ...origin, hops: ["2001:db8::1", "10.0.0.1"] })).toContain(
      'for="[2001:db8::1]";host="model.example.com";proto=https, for=10.0.0.1',
    );
  });

  test("carry the client's request id on where it is fit for a log, else one of ours", () => {
    expect(requestIdOf(["x-request-id", "abc-1.2"])).toBe("abc-1.2");
    for (const odd of [["X-Request-Id", "a b"], ["X-Request-Id", "x".repeat(200)], ["X-Request-Id", "a", "X-Request-Id", "b"], []]) {
      expect(requestIdOf(odd)).toMatch(/^req-/);
    }
  });

  test("carry a token of ours no further, and a model's own key they do", () => {
    const headers = ["authorization", "Bearer x", "X-Kept", "1"];
    expect(requestHeaders(headers, { ...origin, ourTokensIn: ["authorization"] })).not.toContain("Bearer x");
    expect(requestHeaders(headers, origin)).toContain("Bearer x");
  });
});
