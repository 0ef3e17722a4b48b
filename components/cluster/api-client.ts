import { type Configuration, createConfiguration, type KubeConfig, ServerConfiguration } from "@kubernetes/client-node";

/** A proxy that accepts and stays silent must not keep the program from its end. */
const REQUEST_MILLISECONDS = 15_000;

/** A client of one part of the API, each of whose requests ends within 15 s. */
export function apiClient<T>(config: KubeConfig, Api: new (configuration: Configuration) => T): T {
  const { server } = config.getCurrentCluster() ?? {};
  if (server === undefined) throw new Error("the kubeconfig's context has no cluster");
  return new Api(
    createConfiguration({
      baseServer: new ServerConfiguration(server, {}),
      authMethods: { default: config },
      promiseMiddleware: [
        {
          pre: async (request) => {
            request.setSignal(AbortSignal.timeout(REQUEST_MILLISECONDS));
            return request;
          },
          post: async (response) => response,
        },
      ],
    }),
  );
}
