{{/* The labels that find a service's pods. A selector is immutable, so nothing that changes with a release belongs here. */}}
{{- define "service.selectorLabels" -}}
app.kubernetes.io/name: {{ .Release.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* A tag may have 128 characters and begin or end with punctuation. A label value may not. */}}
{{- define "service.version" -}}
{{- $value := trunc 63 (regexReplaceAll "^[^A-Za-z0-9]+" . "") -}}
{{- regexReplaceAll "[^A-Za-z0-9]+$" $value "" | default "unknown" -}}
{{- end }}

{{/* An image of somebody else has a version of its own: its pods do not roll with each release. */}}
{{- define "service.podLabels" -}}
{{ include "service.selectorLabels" . }}
app.kubernetes.io/version: {{ include "service.version" (.Values.podVersion | default .Values.release) | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* helm.sh/chart is not on the pods: a new chart version must not roll pods that it does not change. */}}
{{- define "service.labels" -}}
{{ include "service.selectorLabels" . }}
app.kubernetes.io/version: {{ include "service.version" .Values.release | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "service.metadata" -}}
name: {{ .Release.Name }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "service.labels" . | nindent 2 }}
{{- end }}

{{/* The ingress controller speaks HTTP/1.1 to a backend unless told otherwise, which no gRPC server understands. */}}
{{- define "service.isGrpc" -}}
{{- if eq (include "service.preset" .) "grpc" }}true{{ end -}}
{{- end }}
