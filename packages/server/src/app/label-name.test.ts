import { expect, test } from "vitest";
import { readLabelName } from "./label-name.ts";

test.each([
  ["job", "job"],
  ["__name__", "__name__"],
  ["U__http_2e_status", "http.status"],
  ["U__a__b", "a_b"],
  ["U__label_20_with_20_blank", "label with blank"],
  ["U___1f600_", "😀"],
  ["U__", ""],
])("%s means %s", (written, name) => {
  expect(readLabelName(written)).toBe(name);
});

test.each(["U__a_", "U__a_2e", "U__a_zz_", "U__a_110000_", "U__a_d800_", "U__a_1234567_"])(
  "%s is not escaped well and stays as it is",
  (written) => {
    expect(readLabelName(written)).toBe(written);
  },
);
