{{/* Name of the container's port that serves metrics: one that it has anyway, or a port of its own. */}}
{{- define "service.metricsPort" -}}
{{- $number := int .Values.metrics.port -}}
{{- $name := "metrics" -}}
{{- range $other, $port := .Values.ports -}}
  {{- if and (eq (int $port.port) $number) (ne ($port.protocol | default "TCP") "UDP") }}{{ $name = $other }}{{ end -}}
{{- end -}}
{{- ternary "http" $name (eq (int .Values.port) $number) -}}
{{- end }}

{{- define "service.hasOwnMetricsPort" -}}
{{- if .Values.metrics }}{{ if eq (include "service.metricsPort" .) "metrics" }}true{{ end }}{{ end -}}
{{- end }}

{{/* For a Prometheus that finds pods by their annotations. */}}
{{- define "service.metricsAnnotations" -}}
{{- with .Values.metrics }}
{{- if .annotations }}
prometheus.io/scrape: "true"
prometheus.io/port: {{ int .port | quote }}
prometheus.io/path: {{ .path | default "/metrics" | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* The kind is known only while Helm talks to the cluster: not by helm template, and not in a preview. */}}
{{- define "service.hasServiceMonitor" -}}
{{- with .Values.metrics -}}
{{- if hasKey . "serviceMonitor" -}}
  {{- if .serviceMonitor }}true{{ end -}}
{{- else if $.Capabilities.APIVersions.Has "monitoring.coreos.com/v1/ServiceMonitor" -}}
true
{{- end -}}
{{- end -}}
{{- end }}
