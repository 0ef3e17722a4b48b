{{- define "service.preset" -}}
{{- .Values.probes.preset | default (ternary "none" "http" (and (not .Values.port) (not .Values.probes.port))) -}}
{{- end }}

{{/* The port that is checked: http, the main port, or a number. */}}
{{- define "service.probePort" -}}
{{- $port := .Values.probes.port | default "http" -}}
{{- if not (kindIs "string" $port) -}}{{ int $port }}
{{- else if eq $port "metrics" -}}{{ int .Values.metrics.port }}
{{- else if ne $port "http" -}}{{ int (dig $port "port" 0 (.Values.ports | default dict)) }}
{{- else -}}http
{{- end -}}
{{- end }}

{{- define "service.httpGet" -}}
{{- $root := first . -}}
httpGet:
  path: {{ last . | quote }}
  port: {{ include "service.probePort" $root }}
  {{- with $root.Values.probes.scheme }}
  scheme: {{ . }}
  {{- end }}
  {{- with $root.Values.probes.headers }}
  httpHeaders:
    {{- range $name, $value := . }}
    - { name: {{ $name | quote }}, value: {{ $value | quote }} }
    {{- end }}
  {{- end }}
{{- end }}

{{- define "service.tcpSocket" -}}
tcpSocket: { port: {{ include "service.probePort" . }} }
{{- end }}

{{- define "service.readinessAction" -}}
{{- $preset := include "service.preset" . -}}
{{- $path := .Values.probes.path -}}
{{- if eq $preset "http" -}}
{{ include "service.httpGet" (list . ($path | default "/healthz")) }}
{{- else if eq $preset "spring-actuator" -}}
{{ include "service.httpGet" (list . ($path | default "/actuator/health/readiness")) }}
{{- else if eq $preset "tcp" -}}
{{ include "service.tcpSocket" . }}
{{- else if eq $preset "grpc" -}}
{{- /* This kind of check takes no name of a port. */ -}}
grpc: { port: {{ include "service.probePort" . | replace "http" (int .Values.port | toString) }}{{ with .Values.probes.service }}, service: {{ . | quote }}{{ end }} }
{{- else if eq $preset "exec" -}}
exec:
  command: {{- toYaml .Values.probes.command | nindent 4 }}
{{- end -}}
{{- end }}

{{/*
The fallback is a TCP connect. A readiness path often depends on the database: as a liveness check it would restart every pod of
every service whenever the database is slow.
*/}}
{{- define "service.livenessAction" -}}
{{- $preset := include "service.preset" . -}}
{{- $path := .Values.probes.livenessPath -}}
{{- if eq $preset "spring-actuator" -}}
{{ include "service.httpGet" (list . ($path | default "/actuator/health/liveness")) }}
{{- else if and (eq $preset "http") $path -}}
{{ include "service.httpGet" (list . $path) }}
{{- else if eq $preset "exec" -}}
{{- with .Values.probes.livenessCommand -}}
exec:
  command: {{- toYaml . | nindent 4 }}
{{- end -}}
{{- else if ne $preset "none" -}}
{{ include "service.tcpSocket" . }}
{{- end -}}
{{- end }}

{{/*
The startup probe is the liveness check, since both restart the container. It runs every 2 s, so that a fast start is noticed
fast, and fails after startupSeconds.
*/}}
{{- define "service.probes" -}}
{{- $probes := .Values.probes -}}
{{- $readiness := include "service.readinessAction" . -}}
{{- $liveness := include "service.livenessAction" . -}}
{{- with $liveness | default $readiness }}
{{- $period := max 2 (int $probes.timeoutSeconds) }}
startupProbe:
  {{- . | nindent 2 }}
  periodSeconds: {{ $period }}
  timeoutSeconds: {{ $probes.timeoutSeconds }}
  failureThreshold: {{ max 1 (div (add (int $probes.startupSeconds) (sub $period 1)) $period) }}
{{- end }}
{{- with $readiness }}
readinessProbe:
  {{- . | nindent 2 }}
  periodSeconds: {{ $probes.periodSeconds }}
  timeoutSeconds: {{ $probes.timeoutSeconds }}
  failureThreshold: {{ $probes.failureThreshold }}
{{- end }}
{{- with $liveness }}
livenessProbe:
  {{- . | nindent 2 }}
  periodSeconds: {{ $probes.periodSeconds }}
  timeoutSeconds: {{ $probes.timeoutSeconds }}
  failureThreshold: {{ mul 2 (int $probes.failureThreshold) }}
{{- end }}
{{- end }}
