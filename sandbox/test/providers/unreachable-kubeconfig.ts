/** A kubeconfig for a port where nothing listens. */
export const UNREACHABLE_KUBECONFIG = `apiVersion: v1
kind: Config
current-context: here
contexts: [{ name: here, context: { cluster: nowhere, user: user-a } }]
clusters: [{ name: nowhere, cluster: { server: "https://127.0.0.1:1" } }]
users: [{ name: user-a, user: { token: t } }]
`;
