import { expect, it } from "vitest";
import { refusal } from "./refusal.ts";
import { renderService, type Values } from "./render.ts";

it.each<[Values, RegExp]>([
  [{ network: { egress: { cidrs: ["10.0.0.0/8"] } } }, /network\.egress\.cidrs: 10\.0\.0\.0\/8 is open already/],
  [{ network: { egress: { cidrs: [{ cidr: "10.0.0.0/8" }] } } }, /cidrs: 10\.0\.0\.0\/8 is open already/],
])("%o are refused, with what to do", async (values, message) => {
  expect(await refusal(values)).toMatch(message);
});

it.each<Values>([
  { network: { egress: { cidrs: ["169.254.169.254/32"] } } },
  { network: { egress: { internet: false, cidrs: ["10.0.0.0/8"] } } },
])("%o are accepted", async (values) => {
  await expect(renderService(values)).resolves.not.toEqual([]);
});
