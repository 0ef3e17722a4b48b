/** Powers of ten, and of 1024: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const FACTORS: Readonly<Record<string, number>> = {
  m: 1e-3,
  "": 1,
  ...Object.fromEntries(["k", "M", "G", "T", "P", "E"].map((unit, index) => [unit, 1000 ** (index + 1)])),
  ...Object.fromEntries(["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].map((unit, index) => [unit, 1024 ** (index + 1)])),
};

/** Below zero if `a` is less than `b`. @param a, b quantities of Kubernetes, such as 50m, 1.5, 96Mi or 1e9 */
export function compareQuantities(a: string, b: string): number {
  return amountOf(a) - amountOf(b);
}

/** A quantity in its base unit: bytes, or CPUs. */
export function amountOf(quantity: string): number {
  const [, number = "", unit = ""] = /^([0-9.]+)(.*)$/.exec(quantity) ?? [];
  const factor = FACTORS[unit] ?? Number(`1${unit}`);
  return Number(number) * factor;
}
