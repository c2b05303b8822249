import { expect, test } from "vitest";
import { webAddress } from "./web-address.ts";

test.each(["http://a.example/x", "HTTPS://a.example/"])("%s leads somewhere", (text) => {
  expect(webAddress(text)).toBeDefined();
});

test.each([
  "javascript:alert(1)",
  " https://a",
  "data:text/html,x",
  "//a.example",
  "/query",
  "http://",
  "http://[",
  "ftp://a",
])("%s does not", (text) => {
  expect(webAddress(text)).toBeUndefined();
});
