{{- define "descheduler.selectorLabels" -}}
app.kubernetes.io/name: descheduler
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "descheduler.podLabels" -}}
{{ include "descheduler.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "descheduler.labels" -}}
{{ include "descheduler.podLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "descheduler.metadata" -}}
name: {{ .Release.Name }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "descheduler.labels" . | nindent 2 }}
{{- end }}

{{- define "descheduler.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

{{- define "descheduler.tolerations" -}}
{{- range $state := list "not-ready" "unreachable" }}
- key: node.kubernetes.io/{{ $state }}
  operator: Exists
  effect: NoExecute
  tolerationSeconds: {{ $.Values.nodeLossSeconds }}
{{- end }}
{{- end }}

{{- define "descheduler.afterDeployName" -}}
{{ .Release.Name }}-after-deploy
{{- end }}

{{- define "descheduler.afterDeployLabels" -}}
app.kubernetes.io/name: descheduler
app.kubernetes.io/instance: {{ include "descheduler.afterDeployName" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "descheduler.afterDeployMetadata" -}}
name: {{ include "descheduler.afterDeployName" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "descheduler.labels" . | nindent 2 }}
{{- end }}
