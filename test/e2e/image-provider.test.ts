import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { paths } from "../../sandbox/paths.ts";
import { PluginProcess } from "../../sandbox/test/providers/plugin-process.ts";

const IMAGE = "docker:index/image:Image";

describe("images", () => {
  let docker: PluginProcess;
  let context: string;

  beforeAll(async () => {
    context = mkdtempSync(join(tmpdir(), "slipway-providers-"));
    writeFileSync(join(context, "Dockerfile"), "FROM 127.0.0.1:5000/base/static:1\nCOPY . /app\n");
    docker = await PluginProcess.start("docker");
    await docker.configure({ host: `unix://${paths.dockerSocket}` });
  });
  afterAll(async () => {
    await docker.stop();
    rmSync(context, { recursive: true, force: true });
  });

  test.each(["BuilderV1", "BuilderBuildKit"])(
    "%s builds and pushes; the digest is the registry's",
    async (builderVersion) => {
      writeFileSync(join(context, "main.txt"), builderVersion);
      const imageName = `127.0.0.1:5000/slipway-test/providers:${builderVersion.toLowerCase()}`;
      const { inputs } = await docker.check(IMAGE, { imageName, build: { context, builderVersion } });
      const made = await docker.create(IMAGE, inputs);
      expect(made.id).toBe(imageName);
      const [, tag = ""] = imageName.split("providers:");
      const answer = await fetch(`http://127.0.0.1:5000/v2/slipway-test/providers/manifests/${tag}`, {
        headers: {
          Accept: "application/vnd.docker.distribution.manifest.v2+json, application/vnd.oci.image.manifest.v1+json",
        },
      });
      const digest = answer.headers.get("docker-content-digest");
      expect(made.properties.repoDigest).toBe(`127.0.0.1:5000/slipway-test/providers@${digest}`);
      expect((await docker.diff(IMAGE, made.properties, inputs)).changes).toEqual([]);
    },
  );

  test.each(["BuilderV1", "BuilderBuildKit"])(
    "%s: a failed step is named, with the end of its log",
    async (builderVersion) => {
      writeFileSync(
        join(context, "Bad.Dockerfile"),
        "FROM 127.0.0.1:5000/base/debian:12\nRUN echo before; echo broken >&2; exit 3\n",
      );
      const build = { context, dockerfile: join(context, "Bad.Dockerfile"), builderVersion };
      const { inputs } = await docker.check(IMAGE, { imageName: "127.0.0.1:5000/slipway-test/bad:1", build });
      const message = await docker.create(IMAGE, inputs).then(
        () => "",
        (error: Error) => error.message,
      );
      expect(message).toMatch(/cannot build image .*code: 3\nlast lines of the log:\n/s);
      expect(message).toMatch(/^ +.*broken$/m);
      expect(message).toMatch(/^ +.*before$/m);
    },
  );

  test("a registry that does not answer is named", async () => {
    const { inputs } = await docker.check(IMAGE, {
      imageName: "127.0.0.1:1/shop/web:1",
      build: { context, builderVersion: "BuilderV1" },
    });
    await expect(docker.create(IMAGE, inputs)).rejects.toThrow(
      /cannot push image "127\.0\.0\.1:1\/shop\/web:1": .*127\.0\.0\.1:1/s,
    );
  });
});
