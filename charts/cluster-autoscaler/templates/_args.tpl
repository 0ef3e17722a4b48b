{{- /* Flags: https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#what-are-the-parameters-to-ca */}}
{{- define "cluster-autoscaler.args" -}}
- --cloud-provider=aws
- --namespace={{ .Release.Namespace }}
{{- /* EKS tags the Auto Scaling groups of its node groups so. Their own minimum and maximum bind it. */}}
- --node-group-auto-discovery=asg:tag=k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/{{ .Values.clusterName }}
- --expander=least-waste
- --balance-similar-node-groups=true
{{- /*
Pods of kube-system and pods with a scratch volume run as well on another node. The defaults keep every node that runs one, so
hardly any node would ever be removed. Disruption budgets protect what must not move at once.
*/}}
- --skip-nodes-with-system-pods=false
- --skip-nodes-with-local-storage=false
- --max-graceful-termination-sec={{ int .Values.longestStopSeconds }}
{{- /* Why a node was added or kept. */}}
- --v=4
- --stderrthreshold=info
{{- end }}
