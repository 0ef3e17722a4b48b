/** Who answered a request: shown on the page and returned by every service's version endpoint. */
export interface Identity {
  service: string;
  /** Release tag, from env RELEASE. */
  release: string;
  pod: string;
  node: string;
}

export const self: Identity = {
  service: "web",
  release: process.env.RELEASE ?? "dev",
  pod: process.env.POD_NAME ?? "local",
  node: process.env.NODE_NAME ?? "local",
};
