const DECIMAL = /^\+?(?<whole>[0-9]*)\.?(?<fraction>[0-9]*)(?<suffix>[a-zA-Z]*|[eE][+-]?[0-9]+)$/;

/** Powers of ten and of 1024: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/ */
const TEN = new Map(Object.entries({ n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }));
const BINARY = new Map(Object.entries({ Ki: 1, Mi: 2, Gi: 3, Ti: 4, Pi: 5, Ei: 6 }));

/**
 * A Kubernetes quantity such as 50m, 1.5 or 96Mi in whole units (cores or bytes), rounded up as Kubernetes does.
 *
 * @throws RangeError if it is not a quantity, or if it is negative.
 */
export function wholeUnits(quantity: string): number {
  return units(quantity, 1n);
}

/** A Kubernetes quantity in thousandths: 50 for 50m, 1500 for 1.5. @see wholeUnits */
export function milliUnits(quantity: string): number {
  return units(quantity, 1000n);
}

/** Below zero if `a` is less than `b`. @see wholeUnits */
export function compareQuantities(a: string, b: string): number {
  return milliUnits(a) - milliUnits(b);
}

/** With integers: in floating point, 1.1 cores rounded up would be 1101 thousandths. */
function units(quantity: string, perUnit: bigint): number {
  const { whole = "", fraction = "", suffix = "" } = DECIMAL.exec(quantity)?.groups ?? {};
  const scale = scaleOf(suffix);
  if (whole + fraction === "" || scale === undefined) {
    throw new RangeError(
      `${JSON.stringify(quantity)} is not a Kubernetes quantity. Take one such as 50m, 1.5, 96Mi or 1Gi.`,
    );
  }
  const ten = scale.ten - fraction.length;
  const numerator =
    BigInt(whole + fraction) * perUnit * 1024n ** BigInt(scale.binary) * 10n ** BigInt(Math.max(0, ten));
  const denominator = 10n ** BigInt(Math.max(0, -ten));
  return Number((numerator + denominator - 1n) / denominator);
}

function scaleOf(suffix: string): { ten: number; binary: number } | undefined {
  if (/^[eE][+-]?[0-9]{1,3}$/.test(suffix)) return { ten: Number(suffix.slice(1)), binary: 0 };
  const ten = TEN.get(suffix);
  if (ten !== undefined) return { ten, binary: 0 };
  const binary = BINARY.get(suffix);
  return binary === undefined ? undefined : { ten: 0, binary };
}
