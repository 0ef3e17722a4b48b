{{/* Ports of the container. */}}
{{- define "service.containerPorts" -}}
{{- with .Values.port -}}
- name: http
  containerPort: {{ int . }}
  protocol: TCP
{{ end -}}
{{- range $name, $port := .Values.ports -}}
- name: {{ $name | quote }}
  containerPort: {{ int $port.port }}
  protocol: {{ include "service.plain" (list "ports" ($port.protocol | default "TCP")) }}
{{ end -}}
{{- if include "service.hasOwnMetricsPort" . -}}
- name: metrics
  containerPort: {{ int .Values.metrics.port }}
  protocol: TCP
{{ end -}}
{{- end }}

{{/*
Ports of the Service. What speaks no HTTP is called on the port that its clients know: redis://cache:6379. Port 80 stays beside it,
for clients of a service that runs already, unless servicePort is given. With hosts the name is always http: a port that changes its
name answers no request until the ingress controller has read both the Service and the Ingress.
*/}}
{{- define "service.servicePorts" -}}
{{- if .Values.port }}
{{- if not (include "service.isPlainTcp" .) }}
- name: http
  port: {{ int (.Values.servicePort | default 80) }}
  targetPort: http
  protocol: TCP
  {{- if include "service.isGrpc" . }}
  appProtocol: kubernetes.io/h2c
  {{- end }}
{{- else }}
- name: tcp
  port: {{ int (.Values.servicePort | default .Values.port) }}
  targetPort: http
  protocol: TCP
{{- if and (not .Values.servicePort) (ne (int .Values.port) 80) }}
- name: http
  port: 80
  targetPort: http
  protocol: TCP
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $port := .Values.ports }}
- name: {{ $name | quote }}
  port: {{ int ($port.servicePort | default $port.port) }}
  targetPort: {{ $name | quote }}
  protocol: {{ include "service.plain" (list "ports" ($port.protocol | default "TCP")) }}
  {{- with $port.appProtocol }}
  appProtocol: {{ . | quote }}
  {{- end }}
{{- end }}
{{- if include "service.hasOwnMetricsPort" . }}
- name: metrics
  port: {{ int .Values.metrics.port }}
  targetPort: metrics
  protocol: TCP
{{- end }}
{{- end }}

{{/* Ports at the addresses of the pods themselves, for the headless Service. */}}
{{- define "service.podPorts" -}}
{{- with .Values.port }}
- name: http
  port: {{ int . }}
  targetPort: http
  protocol: TCP
{{- end }}
{{- range $name, $port := .Values.ports }}
- name: {{ $name | quote }}
  port: {{ int $port.port }}
  targetPort: {{ $name | quote }}
  protocol: {{ include "service.plain" (list "ports" ($port.protocol | default "TCP")) }}
{{- end }}
{{- end }}

{{/* Whether the main port speaks no HTTP as far as the fields say: no HTTP check, and no Ingress. */}}
{{- define "service.isPlainTcp" -}}
{{- if and (has (include "service.preset" .) (list "tcp" "exec")) (not .Values.hosts) }}true{{ end -}}
{{- end }}
