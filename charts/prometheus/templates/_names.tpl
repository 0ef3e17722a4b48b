{{- define "prometheus.selectorLabels" -}}
app.kubernetes.io/name: prometheus
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "prometheus.podLabels" -}}
{{ include "prometheus.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "prometheus.labels" -}}
{{ include "prometheus.podLabels" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "prometheus.metadata" -}}
name: {{ .Release.Name }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "prometheus.labels" . | nindent 2 }}
{{- end }}

{{- define "prometheus.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}{{ .repository }}@{{ .digest }}{{- else -}}{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{- end -}}
{{- end -}}
{{- end }}

{{/* Found by DNS: Prometheus needs no rights in the cluster. */}}
{{- define "prometheus.config" -}}
global:
  scrape_interval: {{ int .Values.scrapeSeconds }}s
  scrape_timeout: {{ int .Values.scrapeSeconds }}s
scrape_configs:
  - job_name: ingress
    dns_sd_configs:
      {{- range .Values.targets }}
      - names: [{{ first (splitList ":" .) | quote }}]
        type: A
        port: {{ last (splitList ":" .) }}
        refresh_interval: 5s
      {{- end }}
    metric_relabel_configs:
      {{- /* What the analyses read. The rest would be most of the memory. */}}
      - source_labels: [__name__]
        regex: traefik_service_requests_total|traefik_service_request_duration_seconds_(bucket|count)
        action: keep
{{- end }}
