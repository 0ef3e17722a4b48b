{{- /* Fields of every pod. Only those that ask the API get its token. */}}
{{- define "argo-cd.pod" -}}
serviceAccountName: argocd-{{ .component }}
automountServiceAccountToken: {{ .asksApi | default false }}
enableServiceLinks: false
priorityClassName: system-cluster-critical
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  seccompProfile:
    type: RuntimeDefault
tolerations:
{{- range $state := list "not-ready" "unreachable" }}
  - key: node.kubernetes.io/{{ $state }}
    operator: Exists
    effect: NoExecute
    tolerationSeconds: {{ $.root.Values.nodeLossSeconds }}
{{- end }}
{{- end }}

{{- define "argo-cd.container" -}}
imagePullPolicy: IfNotPresent
terminationMessagePolicy: FallbackToLogsOnError
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
{{- end }}

{{- define "argo-cd.redisPassword" -}}
- name: REDIS_PASSWORD
  valueFrom:
    secretKeyRef: { name: argocd-redis, key: auth }
{{- end }}
