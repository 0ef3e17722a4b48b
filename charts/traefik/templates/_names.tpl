{{- define "traefik.selectorLabels" -}}
app.kubernetes.io/name: traefik
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "traefik.podLabels" -}}
{{ include "traefik.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "traefik.labels" -}}
{{ include "traefik.podLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "traefik.metadata" -}}
name: {{ .Release.Name }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "traefik.labels" . | nindent 2 }}
{{- end }}

{{/* Names of cluster-wide objects: two releases of one name in two namespaces must not share them. */}}
{{- define "traefik.clusterMetadata" -}}
name: {{ .Release.Namespace }}-{{ .Release.Name }}
labels:
  {{- include "traefik.labels" . | nindent 2 }}
{{- end }}

{{- define "traefik.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

{{- define "traefik.publishesStatus" -}}
{{- if and .Values.publishStatus (eq .Values.service.type "LoadBalancer") }}true{{ end -}}
{{- end }}
