import { expect, test } from "vitest";
import { targetOf } from "../../server/gateway/target.ts";

test("A path passes exactly as it was sent", () => {
  for (const path of ["/", "/v1/chat?x=1&x=2", "//double", "/a/../b", "/%2e%2e/%00?", "/http://else.example/"]) {
    expect(targetOf(path, ["Host", "a.example"])).toEqual({ host: "a.example", path });
  }
});

test("The absolute form names the service by itself", () => {
  expect(targetOf("http://b.example:8080/x?y", ["Host", "a.example"])).toEqual({ host: "b.example:8080", path: "/x?y" });
  expect(targetOf("HTTPS://b.example?y", ["Host", ""])).toEqual({ host: "b.example", path: "/?y" });
});

test("A request with two hosts, or for no path, is malformed", () => {
  expect(targetOf("/", ["Host", "a.example", "host", "b.example"])).toBeNull();
  for (const url of ["*", "", "a.example:443", "http://user@b.example/", "ftp://b.example/", "/a b", "/#x", "/\xff"])
    expect(targetOf(url, ["Host", "a.example"])).toBeNull();
  expect(targetOf("/", [])).toBeNull();
  expect(targetOf("/", [], "1.0")).toEqual({ host: "", path: "/" });
  for (const host of ["a b", "a.example, b.example", "u@a.example", "a.example/x", "a.example:x"]) expect(targetOf("/", ["Host", host])).toBeNull();
});
