{{- define "metrics-server.selectorLabels" -}}
app.kubernetes.io/name: metrics-server
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "metrics-server.podLabels" -}}
{{ include "metrics-server.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "metrics-server.labels" -}}
{{ include "metrics-server.podLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "metrics-server.metadata" -}}
name: {{ .Release.Name }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "metrics-server.labels" . | nindent 2 }}
{{- end }}

{{- define "metrics-server.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

{{- define "metrics-server.tolerations" -}}
{{- range $state := list "not-ready" "unreachable" }}
- key: node.kubernetes.io/{{ $state }}
  operator: Exists
  effect: NoExecute
  tolerationSeconds: {{ $.Values.nodeLossSeconds }}
{{- end }}
{{- end }}
