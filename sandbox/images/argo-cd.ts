import { toolPath } from "../toolchain.ts";
import { tools } from "../tools.ts";
import { debianPackages } from "./debian.ts";
import type { ImageRecipe } from "./recipes.ts";

/** Unpacked, not installed: the packages' scripts look for an init system. */
const UNPACK = `ADD packages.tar /tmp/packages/
RUN for package in /tmp/packages/*.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C / || exit 1; done && \\
  ldconfig && rm -rf /tmp/packages`;

/** The commands are one binary, which does what its name says. */
const COMMANDS = ["application-controller", "repo-server", "notifications"];

/** What charts/argo-cd uses of Argo CD's own image: no Helm, no Kustomize, no GnuPG. */
export const argoCdRecipe: ImageRecipe = {
  repository: "quay.io/argoproj/argocd",
  tag: `v${tools["argo-cd"].version}`,
  dockerfile: `ARG REGISTRY
FROM $REGISTRY/base/debian:12
${UNPACK}
COPY argocd /usr/local/bin/
RUN cd /usr/local/bin && for command in ${COMMANDS.join(" ")}; do ln -s argocd argocd-$command; done && mkdir -p /home/argocd /app/config
USER 65532:65532
WORKDIR /home/argocd
ENTRYPOINT ["/usr/bin/tini", "--"]
`,
  files: async (progress) => ({
    argocd: { file: toolPath("argo-cd") },
    "packages.tar": { file: await debianPackages(["git", "tini"], progress) },
  }),
};

/** Debian's Redis, 7.0, in place of the one that charts/argo-cd names: what Argo CD uses is in both. */
export const redisRecipe: ImageRecipe = {
  repository: "public.ecr.aws/docker/library/redis",
  tag: "8.2.2-alpine",
  dockerfile: `ARG REGISTRY
FROM $REGISTRY/base/debian:12
${UNPACK}
USER 65532:65532
ENTRYPOINT ["redis-server"]
`,
  files: async (progress) => ({ "packages.tar": { file: await debianPackages(["redis-server"], progress) } }),
};
