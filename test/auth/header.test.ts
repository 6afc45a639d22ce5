import { expect, test } from "vitest";
import { parseAuthorization } from "../../server/auth/header.ts";

test("The guide's scheme and Bearer are understood in any case", () => {
  for (const scheme of ["BackendAI", "backendai", "BACKENDAI", "bAcKeNdAi"]) {
    expect(parseAuthorization([`${scheme} a.b.c`])).toEqual({ kind: "token", scheme: "backendai", token: "a.b.c" });
  }
  for (const scheme of ["Bearer", "bearer", "BEARER"]) {
    expect(parseAuthorization([`${scheme}  a.b.c `])).toEqual({ kind: "token", scheme: "bearer", token: "a.b.c" });
  }
});

test("No header is told apart from one that cannot be understood", () => {
  expect(parseAuthorization([])).toEqual({ kind: "missing" });
  for (const value of ["", "Bearer", "Bearer ", "a.b.c", "Basic dTpw", "Bearera.b.c", "Bearer\ta.b.c", "Bearer a b", "Bearer a, Bearer b"]) {
    expect(parseAuthorization([value]), value).toEqual({ kind: "malformed" });
  }
});

test("Two Authorization headers are refused instead of one of them being chosen", () => {
  expect(parseAuthorization(["Bearer good", "Bearer good"])).toEqual({ kind: "malformed" });
});
