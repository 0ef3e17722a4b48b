{{- define "service.preset" -}}
{{- .Values.probes.preset | default (ternary "http" "none" (gt (int .Values.port) 0)) -}}
{{- end }}

{{- define "service.readinessAction" -}}
{{- $preset := include "service.preset" . -}}
{{- $path := .Values.probes.path -}}
{{- if eq $preset "http" -}}
httpGet: { path: {{ $path | default "/healthz" | quote }}, port: http }
{{- else if eq $preset "spring-actuator" -}}
httpGet: { path: {{ $path | default "/actuator/health/readiness" | quote }}, port: http }
{{- else if eq $preset "tcp" -}}
tcpSocket: { port: http }
{{- else if eq $preset "grpc" -}}
grpc: { port: {{ int .Values.port }} }
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
httpGet: { path: {{ $path | default "/actuator/health/liveness" | quote }}, port: http }
{{- else if and (eq $preset "http") $path -}}
httpGet: { path: {{ $path | quote }}, port: http }
{{- else if eq $preset "exec" -}}
{{- with .Values.probes.livenessCommand -}}
exec:
  command: {{- toYaml . | nindent 4 }}
{{- end -}}
{{- else if ne $preset "none" -}}
tcpSocket: { port: http }
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
