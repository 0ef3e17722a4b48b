import { nodeBinary } from "../node.mjs";
import { toolPath } from "../toolchain.ts";
import { tools } from "../tools.ts";
import { debianPackages, debianRootfs } from "./debian.ts";
import { golangArchive } from "./golang.ts";

/** A file of an image's build context: a file on this machine, or its content. */
export type ImageSource = { file: string } | { content: string };

/** An image that the sandbox builds itself, because there may be no public image registry. */
export interface ImageRecipe {
  repository: string;
  tag: string;
  dockerfile: string;
  /** The build context, by file name. @default - only the Dockerfile */
  files?: (progress: (line: string) => void) => Promise<Record<string, ImageSource>>;
}

/** The user that all workloads run as (distroless' "nonroot"). */
const nonroot = "65532:65532";

/** An image that is one static binary. @param folder the binary's folder in the image, without a slash at the end */
export function binaryImage(repository: string, tag: string, tool: string, folder = ""): ImageRecipe {
  return {
    repository,
    tag,
    dockerfile: `FROM scratch\nCOPY ${tool} ${folder}/${tool}\nUSER ${nonroot}\nENTRYPOINT ["${folder}/${tool}"]\n`,
    files: async () => ({ [tool]: { file: toolPath(tool) } }),
  };
}

/** No pod starts without it. The cluster waits only for this image. */
export const pauseRecipe = binaryImage("pause", "3.10", "pause");

const fromDebian = "ARG REGISTRY\nFROM $REGISTRY/base/debian:12\n";

/** Debian's Prometheus, 2.42, in place of the one that charts/prometheus names: what the chart uses is in both. */
export const prometheusRecipe: ImageRecipe = {
  repository: "quay.io/prometheus/prometheus",
  tag: "v3.5.0",
  dockerfile: `${fromDebian}ADD packages.tar /tmp/packages/
RUN dpkg-deb --extract /tmp/packages/prometheus_*.deb /tmp/prometheus && mv /tmp/prometheus/usr/bin/prometheus /usr/bin/ && rm -rf /tmp/*
USER ${nonroot}
ENTRYPOINT ["/usr/bin/prometheus"]
`,
  files: async (progress) => ({ "packages.tar": { file: await debianPackages(["prometheus"], progress) } }),
};

/** Each after the images that it is built from. */
export const recipes: readonly ImageRecipe[] = [
  pauseRecipe,
  binaryImage("traefik", `v${tools.traefik.version}`, "traefik"),
  binaryImage("metrics-server", `v${tools["metrics-server"].version}`, "metrics-server"),
  {
    repository: "base/debian",
    tag: "12",
    dockerfile: 'FROM scratch\nADD rootfs.tar /\nENV LANG=C.UTF-8\nCMD ["bash"]\n',
    files: async (progress) => ({ "rootfs.tar": { file: await debianRootfs(progress) } }),
  },
  {
    repository: "base/static",
    tag: "1",
    dockerfile: `ARG REGISTRY
FROM $REGISTRY/base/debian:12 AS certificates
FROM scratch
COPY --from=certificates /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY passwd group /etc/
USER ${nonroot}
`,
    files: async () => ({
      passwd: {
        content: "root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n",
      },
      group: { content: "root:x:0:\nnonroot:x:65532:\n" },
    }),
  },
  {
    repository: "base/node",
    tag: "24",
    dockerfile: `${fromDebian}COPY node /usr/local/bin/node\nCMD ["node"]\n`,
    files: async (progress) => ({ node: { file: await nodeBinary(progress) } }),
  },
  {
    repository: "base/python",
    tag: "3.11",
    // Debian's own Python. The public images call it `python` too.
    dockerfile: `${fromDebian}ADD packages.tar /tmp/packages/
RUN dpkg --install --force-depends /tmp/packages/*.deb && ln -s python3 /usr/bin/python && rm -rf /tmp/packages /var/log/dpkg.log
CMD ["python3"]
`,
    files: async (progress) => ({
      "packages.tar": { file: await debianPackages(["python3", "python3-venv"], progress) },
    }),
  },
  {
    repository: "base/golang",
    tag: "1.26",
    // Compiles the usual parts of the standard library once, instead of in every service's build.
    dockerfile: `${fromDebian}ADD go.tar /usr/local/
ENV PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin GOPATH=/go GOTOOLCHAIN=local
RUN mkdir -p /go/src /go/bin && CGO_ENABLED=0 go build -trimpath net/http encoding/json log/slog os/signal text/template flag
WORKDIR /go
CMD ["bash"]
`,
    files: async (progress) => ({ "go.tar": { file: await golangArchive(progress) } }),
  },
];
