{{- /* The name that the upstream chart gave it on AWS. A selector cannot change, so an upgrade from that chart needs it. */}}
{{- define "cluster-autoscaler.selectorLabels" -}}
app.kubernetes.io/name: aws-cluster-autoscaler
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "cluster-autoscaler.podLabels" -}}
{{ include "cluster-autoscaler.selectorLabels" . }}
app.kubernetes.io/version: {{ .Values.image.tag | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "cluster-autoscaler.labels" -}}
{{ include "cluster-autoscaler.podLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "cluster-autoscaler.metadata" -}}
name: {{ .Release.Name }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "cluster-autoscaler.labels" . | nindent 2 }}
{{- end }}

{{- define "cluster-autoscaler.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag }}{{- end -}}
{{- end -}}
{{- end }}

{{- define "cluster-autoscaler.tolerations" -}}
{{- range $state := list "not-ready" "unreachable" }}
- key: node.kubernetes.io/{{ $state }}
  operator: Exists
  effect: NoExecute
  tolerationSeconds: {{ $.Values.nodeLossSeconds }}
{{- end }}
{{- end }}
