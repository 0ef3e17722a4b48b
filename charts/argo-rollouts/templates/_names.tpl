{{- define "argo-rollouts.selectorLabels" -}}
app.kubernetes.io/name: argo-rollouts
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "argo-rollouts.podLabels" -}}
{{ include "argo-rollouts.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "argo-rollouts.labels" -}}
{{ include "argo-rollouts.podLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "argo-rollouts.metadata" -}}
name: {{ .Release.Name }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "argo-rollouts.labels" . | nindent 2 }}
{{- end }}

{{- define "argo-rollouts.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

{{- define "argo-rollouts.tolerations" -}}
{{- range $state := list "not-ready" "unreachable" }}
- key: node.kubernetes.io/{{ $state }}
  operator: Exists
  effect: NoExecute
  tolerationSeconds: {{ $.Values.nodeLossSeconds }}
{{- end }}
{{- end }}
