import type { V1Container } from "@kubernetes/client-node";
import { describe, expect, it } from "vitest";
import { podSpecOf, serviceContainer } from "./pod.ts";
import { LEAST, renderService, type Values } from "./render.ts";

const OTHER = `docker.io/library/proxy:2@sha256:${"2".repeat(64)}`;
const resources = { requests: { cpu: "10m", memory: "16Mi" }, limits: { memory: "32Mi" } };
const service = {
  configName: "web-1",
  secretName: "web-2",
  filesName: "web.files-1",
  files: [{ path: "/etc/web.yaml", key: "0-web.yaml" }],
  secretFiles: [
    { path: "/key.pem", key: "tls.key", secret: "web-tls" },
    { path: "/cert.pem", key: "tls.crt", secret: "web-tls" },
  ],
  tmp: { paths: ["/var/cache"] },
};

async function beside(values: Values): Promise<V1Container[]> {
  return podSpecOf(await renderService({ ...service, ...values })).initContainers ?? [];
}

async function sidecar(fields: object): Promise<V1Container> {
  const [container] = await beside({ sidecars: [{ name: "proxy", image: OTHER, resources, ...fields }] });
  return container as V1Container;
}

const mounts = ({ volumeMounts = [] }: V1Container) => volumeMounts.map(({ mountPath }) => mountPath);

describe("containers beside the service's own", () => {
  it("are none by default", async () => {
    expect(podSpecOf(await renderService())).not.toHaveProperty("initContainers");
  });

  it("start in order: sidecars, which stay, then init containers, which end", async () => {
    const containers = await beside({
      sidecars: [
        { name: "z", resources },
        { name: "b", resources },
      ],
      initContainers: [
        { name: "d", resources },
        { name: "a", resources },
      ],
    });
    expect(containers.map(({ name, restartPolicy }) => [name, restartPolicy])).toEqual([
      ["z", "Always"],
      ["b", "Always"],
      ["d", undefined],
      ["a", undefined],
    ]);
  });

  it("have the security of the service's own container", async () => {
    const { securityContext } = await serviceContainer();
    const [proxy, migrate] = await beside({
      sidecars: [{ name: "proxy", image: OTHER, user: 101, resources }],
      initContainers: [{ name: "migrate", resources }],
    });
    expect(migrate?.securityContext).toEqual(securityContext);
    expect(proxy?.securityContext).toEqual({ ...securityContext, runAsUser: 101, runAsGroup: 101 });
  });

  it("with the service's image have its variables and files", async () => {
    const variables = [{ name: "STEP", value: "1" }];
    const [migrate] = await beside({
      initContainers: [{ name: "migrate", command: ["/app", "migrate"], variables, resources }],
    });
    expect(migrate).toMatchObject({
      image: LEAST.image,
      command: ["/app", "migrate"],
      envFrom: [{ configMapRef: { name: "web-1" } }, { secretRef: { name: "web-2" } }],
    });
    expect(migrate?.env).toContainEqual({ name: "PORT", value: "8080" });
    expect(migrate?.env?.at(-1)).toEqual({ name: "STEP", value: "1" });
    expect(mounts(migrate as V1Container)).toEqual(["/tmp", "/var/cache", "/etc/web.yaml", "/key.pem", "/cert.pem"]);
  });

  it("with another image have only the secrets that they name", async () => {
    const proxy = await sidecar({
      args: ["--fast"],
      variables: [{ name: "TOKEN", from: "secret" }],
      secretFiles: ["/cert.pem"],
    });
    expect(proxy).toMatchObject({ image: OTHER, args: ["--fast"] });
    expect(proxy).not.toHaveProperty("envFrom");
    expect(proxy.env?.map(({ name }) => name)).not.toContain("PORT");
    expect(proxy.env?.at(-1)).toEqual({ name: "TOKEN", valueFrom: { secretKeyRef: { name: "web-2", key: "TOKEN" } } });
    expect(mounts(proxy)).toEqual(["/tmp", "/var/cache", "/etc/web.yaml", "/cert.pem"]);
    expect(proxy.volumeMounts?.at(-1)?.subPath).toBe("1");
  });

  it("write no more than the pod's disk has room for", async () => {
    expect((await sidecar({})).resources).toEqual({
      requests: { ...resources.requests, "ephemeral-storage": "64Mi" },
      limits: { ...resources.limits, "ephemeral-storage": "1Gi" },
    });
    const limits = { memory: "32Mi", "ephemeral-storage": "2Gi" };
    expect((await sidecar({ resources: { ...resources, limits } })).resources?.limits).toEqual(limits);
  });

  it("are probed at their port, and not without one", async () => {
    const tcpSocket = { port: 9090 };
    const { startupProbe, readinessProbe, livenessProbe, ports } = await sidecar({ port: 9090 });
    expect(ports).toEqual([{ containerPort: 9090, protocol: "TCP" }]);
    expect(startupProbe).toEqual({ tcpSocket, periodSeconds: 2, failureThreshold: 30 });
    expect(readinessProbe).toEqual({ tcpSocket, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3 });
    expect(livenessProbe).toEqual({ tcpSocket, periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 6 });
    const asked = await sidecar({ port: 9090, probe: { path: "/ready", startupSeconds: 9 } });
    expect(asked.readinessProbe?.httpGet).toEqual({ path: "/ready", port: 9090 });
    expect(asked.startupProbe?.failureThreshold).toBe(5);
    for (const probe of ["startupProbe", "readinessProbe", "livenessProbe"])
      expect(await sidecar({})).not.toHaveProperty(probe);
  });
});
